import { type Command, InvalidArgumentError, Option } from 'commander'
import { claimMasterKey } from '../core/master-key-check.ts'
import { MerchantAdmin, type ShownKey } from '../core/merchant-admin.ts'
import type { Enablement, MerchantSettings, MerchantWithKeys } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines, timeText, timeValue } from './command-context.ts'
import { readSecret } from './read-input.ts'
import { requireMasterKey, withStore } from './with-store.ts'

interface SettingOptions extends CommonOptions {
  currency?: string[]
  allow?: string[]
  callbackOrigin?: string[]
  /** A URL, or `none`. */
  lobbyUrl?: string
  /** A number, or `default`. */
  ratePerSecond?: string
  autoCreateMembers?: boolean
  sign?: MerchantSettings['algorithm']
  callback?: MerchantSettings['callback']
}

interface KeyOptions extends CommonOptions {
  keyFromStdin?: true
}

/** `lobbykey merchant …` */
export function addMerchantVerbs(program: Command, context: CommandContext): void {
  const merchant = program.command('merchant').summary('merchants and their signing keys').description('Merchants and their signing keys.')
  const agentId = ['<agent-id>', 'the merchant, 1 to 64 of A-Z a-z 0-9 _ -'] as const

  addKeyOption(addSettingOptions(addVerb(merchant, 'add', 'Adds a merchant and shows its key, once.')))
    .argument(...agentId)
    .action((id: string, options: SettingOptions & KeyOptions) => withAdmin(context, async (admin) => add(context, admin, id, options)))

  addVerb(merchant, 'list', 'Lists the merchants.').action((options: CommonOptions) =>
    withAdmin(context, async (admin) => {
      const merchants = await admin.list()
      const rows = merchants.map(({ agentId, status, settings }) => [agentId, status, settings.currencies.join(','), settings.algorithm])
      const none = 'There is no merchant yet; add one with `lobbykey merchant add`.'
      print(context, options, { merchants: merchants.map(describe) }, tableLines(['AGENT_ID', 'STATUS', 'CURRENCIES', 'SIGN'], rows, none))
    }),
  )

  addVerb(merchant, 'show', 'Shows a merchant with its settings and keys; never a key itself.')
    .argument(...agentId)
    .action((id: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        const found = await admin.get(id)
        print(context, options, describe(found), showLines(found))
      }),
    )

  addSettingOptions(addVerb(merchant, 'update', 'Changes the settings named; a list given replaces the list that was.'))
    .argument(...agentId)
    .action((id: string, options: SettingOptions) =>
      withAdmin(context, async (admin) => {
        await admin.update(id, changesOf(options))
        const found = await admin.get(id)
        print(context, options, describe(found), showLines(found))
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

function addSettingOptions(verb: Command): Command {
  return verb
    .option('--currency <codes>', 'currencies, comma-separated; may be given again; none empties the list', parseList)
    .option(
      '--allow <blocks>',
      'IP addresses and CIDR blocks that may call, comma-separated; may be given again; none refuses all',
      parseList,
    )
    .option(
      '--callback-origin <url>',
      'origin that callbacks may have, such as https://app.example.com; may be given again; or none',
      parseList,
    )
    .option('--lobby-url <url>', "where members are sent; none: the server's own lobby page")
    .option('--rate-per-second <n>', 'requests a second; 0 for no limit; default: RATE_PER_MERCHANT', checkRate)
    .option('--auto-create-members', 'let a login create the member it names')
    .option('--no-auto-create-members', 'refuse the login of a member that was not created')
    .addOption(new Option('--sign <algorithm>', 'signature algorithm (md5 unless set)').choices(['md5', 'hmac-sha256']))
    .addOption(
      new Option('--callback <rule>', 'whether callback is inside the signature (unsigned unless set)').choices(['unsigned', 'signed']),
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
async function withAdmin(context: CommandContext, run: (admin: MerchantAdmin) => Promise<void>): Promise<void> {
  await withStore(context, async (store, settings) => {
    const sealer = await claimMasterKey(store.meta, requireMasterKey(settings))
    await run(new MerchantAdmin({ store: store.merchants, sealer, clock: context.clock, surface: 'cli' }))
  })
}

function changesOf(options: SettingOptions): Partial<MerchantSettings> {
  const { currency, allow, callbackOrigin, lobbyUrl, ratePerSecond, autoCreateMembers, sign, callback } = options
  return {
    ...(currency === undefined ? {} : { currencies: currency }),
    ...(allow === undefined ? {} : { allow }),
    ...(callbackOrigin === undefined ? {} : { callbackOrigins: callbackOrigin }),
    ...(lobbyUrl === undefined ? {} : { lobbyUrl: lobbyUrl === 'none' ? null : lobbyUrl }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond: ratePerSecond === 'default' ? null : Number(ratePerSecond) }),
    ...(autoCreateMembers === undefined ? {} : { autoCreateMembers }),
    ...(sign === undefined ? {} : { algorithm: sign }),
    ...(callback === undefined ? {} : { callback }),
  }
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
function describe({ agentId, status, settings, createdAt, updatedAt, keys }: MerchantWithKeys) {
  const { algorithm, ...rest } = settings
  return {
    agentId,
    status,
    ...rest,
    sign: algorithm,
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
    keys: keys.map((key) => ({
      keyId: key.id,
      status: key.retiredAt === null ? 'active' : 'retired',
      createdAt: timeValue(key.createdAt),
      retiredAt: timeValue(key.retiredAt),
    })),
  }
}

function showLines({ agentId, status, settings, createdAt, keys }: MerchantWithKeys): string[] {
  const { currencies, allow, callbackOrigins, lobbyUrl, ratePerSecond, autoCreateMembers, algorithm, callback } = settings
  return [
    `Merchant ${agentId}, ${status}, since ${timeText(createdAt)}`,
    `  currencies        ${currencies.join(', ') || 'none'}`,
    `  allow             ${allow.join(', ') || 'none: refuses everyone'}`,
    `  callback origins  ${callbackOrigins.join(', ') || 'none: refuses callbacks'}`,
    `  lobby URL         ${lobbyUrl ?? "the server's own lobby page"}`,
    `  rate per second   ${ratePerSecond === null ? "the server's default" : ratePerSecond === 0 ? 'no limit' : ratePerSecond}`,
    `  members           ${autoCreateMembers ? 'created by their first login' : 'must be created before they log in'}`,
    `  signature         ${algorithm}, callback ${callback}`,
    ...keys.map(
      (key) =>
        `  key ${key.id}    ${key.retiredAt === null ? `active since ${timeText(key.createdAt)}` : `retired ${timeText(key.retiredAt)}`}`,
    ),
  ]
}

function parseList(text: string, previous: string[] = []): string[] {
  if (text === 'none') return []
  return [...previous, ...text.split(',').map((item) => item.trim())]
}

/** Stays text: commander takes a null for "no value". */
function checkRate(text: string): string {
  if (text === 'default' || /^(?:0|[1-9][0-9]{0,6})$/.test(text)) return text
  throw new InvalidArgumentError('It must be a whole number from 0 to 1000000, or default.')
}
