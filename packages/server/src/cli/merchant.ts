import type { Command } from 'commander'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import { keyRetirement } from '../core/merchants/key-retirement.ts'
import { MerchantAdmin, type ShownKey } from '../core/merchants/merchant-admin.ts'
import type { Enablement, MerchantKeyRecord, MerchantWithKeys } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines, timeText, timeValue } from './command-context.ts'
import { clockText, clockValue, loadClocks, type MerchantClocks } from './merchant-clocks.ts'
import { addSettingOptions, changesOf, type SettingOptions, settingLines } from './merchant-settings.ts'
import { readSecret } from './read-input.ts'
import { requireMasterKey, withStore } from './with-store.ts'

interface KeyOptions extends CommonOptions {
  keyFromStdin?: true
}

const listHeading = ['AGENT_ID', 'STATUS', 'CURRENCIES', 'SIGN', 'CLOCK', 'KEY', 'LAST USED', 'RETIRE']

/** `lobbykey merchant …` */
export function addMerchantVerbs(program: Command, context: CommandContext): void {
  const merchant = program.command('merchant').summary('merchants and their signing keys').description('Merchants and their signing keys.')
  const agentId = ['<agent-id>', 'the merchant, 1 to 64 of A-Z a-z 0-9 _ -'] as const

  addKeyOption(addSettingOptions(addVerb(merchant, 'add', 'Adds a merchant and shows its key, once.')))
    .argument(...agentId)
    .action((id: string, options: SettingOptions & KeyOptions) => withAdmin(context, async (admin) => add(context, admin, id, options)))

  addVerb(
    merchant,
    'list',
    'Lists the merchants with their active keys: when each last verified a request, and when it is safe to retire.',
  ).action((options: CommonOptions) =>
    withAdmin(context, async (admin, clocks) => {
      const merchants = await admin.list()
      const rows = merchants.flatMap((found) => listRows(found, clocks, context.clock.now()))
      const none = 'There is no merchant yet; add one with `lobbykey merchant add`.'
      print(context, options, { merchants: merchants.map((found) => describe(found, clocks)) }, tableLines(listHeading, rows, none))
    }),
  )

  addVerb(merchant, 'show', 'Shows a merchant with its settings and keys; never a key itself.')
    .argument(...agentId)
    .action((id: string, options: CommonOptions) =>
      withAdmin(context, async (admin, clocks) => {
        const found = await admin.get(id)
        print(context, options, describe(found, clocks), showLines(found, clocks, context.clock.now()))
      }),
    )

  addSettingOptions(
    addVerb(merchant, 'update', 'Changes the settings named; a list given replaces the list that was, a lobby URL that of its platform.'),
  )
    .argument(...agentId)
    .action((id: string, options: SettingOptions) =>
      withAdmin(context, async (admin, clocks) => {
        await admin.update(id, changesOf(options))
        const found = await admin.get(id)
        print(context, options, describe(found, clocks), showLines(found, clocks, context.clock.now()))
      }),
    )

  addStatusVerb(merchant, context, 'enable', 'enabled', 'Lets a disabled merchant in again.')
  addStatusVerb(merchant, context, 'disable', 'disabled', 'Makes a merchant unknown to the member API, within a second.')

  addKeyOption(addVerb(merchant, 'rotate-key', 'Adds a second key and shows it, once; the old one stays good until it is retired.'))
    .argument(...agentId)
    .action((id: string, options: KeyOptions) =>
      withAdmin(context, async (admin) => {
        const shown = await admin.rotateKey(id, await importedKey(context, options))
        print(context, options, { agentId: id, ...shownValue(shown, options) }, [
          `Merchant ${id} has a new key.`,
          ...keyLines(shown, options),
          'The old key stays good until: lobbykey merchant retire-key',
        ])
      }),
    )

  addVerb(merchant, 'retire-key', 'Ends the use of a key, within a second.')
    .argument(...agentId)
    .argument('<key-id>', 'the key, as `lobbykey merchant show` names it')
    .action((id: string, keyId: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.retireKey(id, keyId)
        print(context, options, { agentId: id, keyId, status: 'retired' }, [`Key ${keyId} of merchant ${id} is retired.`])
      }),
    )
}

function addStatusVerb(merchant: Command, context: CommandContext, verb: string, status: Enablement, summary: string): void {
  addVerb(merchant, verb, summary)
    .argument('<agent-id>', 'the merchant')
    .action((id: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.setStatus(id, status)
        print(context, options, { agentId: id, status }, [`Merchant ${id} is ${status}.`])
      }),
    )
}

function addKeyOption(verb: Command): Command {
  return verb.option('--key-from-stdin', 'use the key on standard input, 16 to 128 of A-Z a-z 0-9, instead of making one of 32')
}

async function add(context: CommandContext, admin: MerchantAdmin, agentId: string, options: SettingOptions & KeyOptions): Promise<void> {
  const shown = await admin.add(agentId, changesOf(options), await importedKey(context, options))
  const { settings } = await admin.get(agentId)
  const hints = [
    ...(settings.currencies.length === 0 ? ['It has no currency yet and cannot log members in: lobbykey merchant update --currency'] : []),
    ...(settings.allow.length === 0 ? ['Its address list is empty and refuses everyone: lobbykey merchant update --allow'] : []),
  ]
  print(context, options, { agentId, ...shownValue(shown, options) }, [
    `Merchant ${agentId} is added.`,
    ...keyLines(shown, options),
    ...hints,
  ])
}

/** Lists, showing and switching need no key material, but every verb goes one way, so that a wrong master key is told at once. */
async function withAdmin(context: CommandContext, run: (admin: MerchantAdmin, clocks: MerchantClocks) => Promise<void>): Promise<void> {
  await withStore(context, async (store, settings) => {
    const sealer = await claimMasterKey(store.meta, requireMasterKey(settings))
    const clocks = await loadClocks(store.merchantClocks)
    await run(new MerchantAdmin({ store: store.merchants, sealer, clock: context.clock, origin: { surface: 'cli' } }), clocks)
  })
}

async function importedKey(context: CommandContext, options: KeyOptions): Promise<string | undefined> {
  return options.keyFromStdin ? readSecret(context, 'Key') : undefined
}

/** A key that was brought along is known to its bringer and is not shown again. */
function shownValue(shown: ShownKey, options: KeyOptions): Partial<ShownKey> {
  return options.keyFromStdin ? { keyId: shown.keyId } : shown
}

function keyLines(shown: ShownKey, options: KeyOptions): string[] {
  return [`Key ID: ${shown.keyId}`, ...(options.keyFromStdin ? [] : [`Key (shown only now): ${shown.key}`])]
}

/** A merchant as JSON tells it: settings under the names of their options. */
function describe({ agentId, status, settings, createdAt, updatedAt, keys }: MerchantWithKeys, clocks: MerchantClocks) {
  const { algorithm, ...rest } = settings
  return {
    agentId,
    status,
    ...rest,
    sign: algorithm,
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
    clock: clockValue(clocks.get(agentId)),
    keys: keys.map((key) => describeKey(key, keys)),
  }
}

function describeKey(key: MerchantKeyRecord, keys: readonly MerchantKeyRecord[]) {
  const retirement = key.retiredAt === null ? keyRetirement(key, keys) : null
  return {
    keyId: key.id,
    status: key.retiredAt === null ? 'active' : 'retired',
    createdAt: timeValue(key.createdAt),
    retiredAt: timeValue(key.retiredAt),
    lastUsedAt: timeValue(key.lastUsedAt),
    safeToRetireFrom: timeValue(retirement?.safeFrom ?? null),
  }
}

function showLines({ agentId, status, settings, createdAt, keys }: MerchantWithKeys, clocks: MerchantClocks, now: number): string[] {
  return [
    `Merchant ${agentId}, ${status}, since ${timeText(createdAt)}`,
    ...settingLines(settings),
    `  clock             ${clockText(clocks.get(agentId))}`,
    ...keys.map((key) => `  key ${key.id}    ${keyText(key, keys, now)}`),
  ]
}

function keyText(key: MerchantKeyRecord, keys: readonly MerchantKeyRecord[], now: number): string {
  if (key.retiredAt !== null) return `retired ${timeText(key.retiredAt)}`
  const used = key.lastUsedAt === null ? 'has verified no request' : `last verified a request ${timeText(key.lastUsedAt)}`
  return `active since ${timeText(key.createdAt)}, ${used}; ${retirementText(key, keys, now)}`
}

function retirementText(key: MerchantKeyRecord, keys: readonly MerchantKeyRecord[], now: number): string {
  const retirement = keyRetirement(key, keys)
  if (retirement.safeFrom === null) return `not to be retired: ${retirement.because}`
  return retirement.safeFrom <= now ? 'safe to retire' : `safe to retire from ${timeText(retirement.safeFrom)} unless it is used again`
}

/** One row an active key; the merchant is told in its first. */
function listRows({ agentId, status, settings, keys }: MerchantWithKeys, clocks: MerchantClocks, now: number): string[][] {
  return keys
    .filter((key) => key.retiredAt === null)
    .map((key, index) => {
      const merchant = [agentId, status, settings.currencies.join(','), settings.algorithm, clockText(clocks.get(agentId))]
      return [...(index === 0 ? merchant : merchant.map(() => '')), key.id, timeText(key.lastUsedAt), retirementText(key, keys, now)]
    })
}
