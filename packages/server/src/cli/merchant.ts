import { GatewayError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Command, Option } from 'commander'
import { certificateLines } from './certificate-lines.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { Ended, incompleteCode } from './exit-codes.ts'
import { addHandOverOption, type HandedOver, type HandOverOption, handOverField, secretLines } from './hand-over-option.ts'
import { labelFilterOption, labelText } from './label-option.ts'
import { clockText } from './merchant-clocks.ts'
import { addSettingOptions, changesOf, type SettingOptions, settingLines } from './merchant-settings.ts'
import { allItems, withOperations } from './operate.ts'
import { readSecret } from './read-input.ts'

interface KeyOptions extends CommonOptions, HandOverOption {
  keyFromStdin?: true
}

type Merchant = AdminOutput<'merchant.show'>
type MerchantKey = Merchant['keys'][number]

const listHeading = ['AGENT_ID', 'STATUS', 'CURRENCIES', 'SIGN', 'CLOCK', 'KEY', 'LAST USED', 'RETIRE', 'LABELS']

/** `lobbykey merchant …` */
export function addMerchantVerbs(program: Command, context: CommandContext): void {
  const merchant = program.command('merchant').summary('merchants and their signing keys').description('Merchants and their signing keys.')
  const agentId = ['<agent-id>', 'the merchant, 1 to 64 of A-Z a-z 0-9 _ -'] as const

  addKeyOption(addSettingOptions(addVerb(merchant, 'add', 'Adds a merchant and shows its key, once.')))
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey merchant add acme --currency USD,VND --allow 203.0.113.0/24')
    .action((id: string, options: SettingOptions & KeyOptions) =>
      withOperations(context, async ({ run }) => {
        const added = await run('merchant.add', {
          agentId: id,
          ...changesOf(options),
          ...(await importedKey(context, options)),
          ...handOverField(options),
        })
        const { warnings, ...value } = added
        print(context, options, { ...value, warnings }, [`Merchant ${id} is added.`, ...keyLines(added), ...warnings])
      }),
    )

  addVerb(
    merchant,
    'list',
    'Lists the merchants with their active keys: when each last verified a request, and when it can be retired safely.',
  )
    .option(...labelFilterOption)
    .addOption(new Option('--due <what>', 'only those whose clock is off, or whose old key can be retired').choices(['clock', 'key']))
    .addHelpText('after', '\nExample: lobbykey merchant list --label team=slots')
    .action(({ label, due, ...options }: CommonOptions & { label?: string; due?: 'clock' | 'key' }) =>
      withOperations(context, async ({ run }) => {
        const filter = { limit: 200, ...(label === undefined ? {} : { label }), ...(due === undefined ? {} : { due }) }
        const merchants = await allItems((cursor) => run('merchant.list', { ...filter, ...(cursor === undefined ? {} : { cursor }) }))
        const rows = merchants.flatMap((found) => listRows(found, context.clock.now()))
        const none =
          due === undefined && label === undefined
            ? 'There is no merchant yet; add one with `lobbykey merchant add`.'
            : 'There is no such merchant.'
        print(context, options, { merchants }, tableLines(listHeading, rows, none))
      }),
    )

  addVerb(merchant, 'show', 'Shows a merchant with its settings and key IDs, never the keys themselves.')
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey merchant show acme')
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('merchant.show', { agentId: id })
        print(context, options, found, showLines(found, context.clock.now()))
      }),
    )

  addSettingOptions(
    addVerb(merchant, 'update', 'Changes the given settings; a given list replaces the old one, a lobby URL that of its platform.'),
  )
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey merchant update acme --allow 203.0.113.0/24,2001:db8::/48')
    .action(async (id: string, options: SettingOptions) => {
      const changes = changesOf(options)
      if (Object.keys(changes).length === 0)
        throw new GatewayError('invalid_parameter', { message: 'name at least one setting to change; see --help' })
      await withOperations(context, async ({ run }) => {
        const found = await run('merchant.update', { agentId: id, ...changes })
        print(context, options, found, [...showLines(found, context.clock.now()), ...found.effects])
      })
    })

  addStatusVerb(merchant, context, 'enable', 'Lets a disabled merchant in again.')
  addStatusVerb(merchant, context, 'disable', 'Makes a merchant unknown to the member API, within a second.')

  addVerb(merchant, 'delete', 'Deletes a merchant that was never used; disable others instead.')
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey merchant delete acme')
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        print(context, options, await run('merchant.delete', { agentId: id }), [`Merchant ${id} is deleted.`])
      }),
    )

  addKeyOption(addVerb(merchant, 'rotate-key', 'Adds a second key and shows it, once; the old one works until it is retired.'))
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey merchant rotate-key acme')
    .action((id: string, options: KeyOptions) =>
      withOperations(context, async ({ run }) => {
        const added = await run('merchant.rotate-key', { agentId: id, ...(await importedKey(context, options)), ...handOverField(options) })
        const end = 'The old key works until: lobbykey merchant retire-key'
        print(context, options, added, [`Merchant ${id} has a new key.`, ...keyLines(added), end])
      }),
    )

  addVerb(merchant, 'retire-key', 'Retires a key within a second; a key in use only with --force.')
    .argument(...agentId)
    .argument('<key-id>', 'the key, from `lobbykey merchant show`')
    .option('--force', 'even if it verified a request within the last day, or its successor never did')
    .addHelpText('after', '\nExample: lobbykey merchant retire-key acme k3Yp0aQz7R')
    .action((id: string, keyId: string, options: CommonOptions & { force?: true }) =>
      withOperations(context, async ({ run }) => {
        const retired = await run('merchant.retire-key', { agentId: id, keyId, force: options.force === true })
        print(context, options, retired, [`Key ${keyId} of merchant ${id} is retired.`, ...retired.effects])
      }),
    )

  addVerb(merchant, 'certificate', "Shows a merchant's go-live certificate: what its program was seen doing right, and what is missing.")
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey merchant certificate acme')
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const certificate = await run('merchant.certificate', { agentId: id })
        print(context, options, certificate, certificateLines(certificate))
        if (!certificate.isComplete) throw new Ended(incompleteCode)
      }),
    )

  addVerb(merchant, 'test-address', "Checks whether a merchant's list allows an address, and by which entry.")
    .argument(...agentId)
    .argument('<address>', 'an IP address')
    .addHelpText('after', '\nExample: lobbykey merchant test-address acme 203.0.113.7')
    .action((id: string, address: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const tested = await run('merchant.test-address', { agentId: id, address })
        const text = tested.by === null ? 'is refused: no entry of the list contains it' : `is allowed by ${tested.by}`
        print(context, options, tested, [`${tested.address} ${text}.`])
      }),
    )
}

function addStatusVerb(merchant: Command, context: CommandContext, verb: 'enable' | 'disable', summary: string): void {
  addVerb(merchant, verb, summary)
    .argument('<agent-id>', 'the merchant')
    .addHelpText('after', `\nExample: lobbykey merchant ${verb} acme`)
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const answer = await run(`merchant.${verb}`, { agentId: id })
        const effects = 'effects' in answer ? answer.effects : []
        print(context, options, answer, [`Merchant ${id} is ${answer.status}.`, ...effects])
      }),
    )
}

function addKeyOption(verb: Command): Command {
  return addHandOverOption(verb).option(
    '--key-from-stdin',
    'use the key from standard input, 16 to 128 of A-Z a-z 0-9, instead of a new one',
  )
}

async function importedKey(context: CommandContext, options: KeyOptions): Promise<{ key?: string }> {
  return options.keyFromStdin ? { key: await readSecret(context, 'Key') } : {}
}

/** An imported key is known to the caller and not shown. */
function keyLines({ keyId, key, ...handOver }: { readonly keyId: string; readonly key?: string } & HandedOver): string[] {
  return [`Key ID: ${keyId}`, ...secretLines('Key', key, handOver)]
}

function showLines(merchant: Merchant, now: number): string[] {
  const { agentId, status, createdAt, clock, keys, warnings } = merchant
  return [
    `Merchant ${agentId}, ${status}, since ${createdAt}`,
    ...settingLines(merchant),
    `  clock             ${clockText(clock)}`,
    ...keys.map((key) => `  key ${key.keyId}    ${keyText(key, keys, now)}`),
    ...warnings,
  ]
}

function keyText(key: MerchantKey, keys: readonly MerchantKey[], now: number): string {
  if (key.retiredAt !== null) return `retired ${key.retiredAt}`
  const used = key.lastUsedAt === null ? 'has verified no request' : `last verified a request ${key.lastUsedAt}`
  return `active since ${key.createdAt}, ${used}; ${retirementText(key, keys, now)}`
}

function retirementText({ safeToRetireFrom }: MerchantKey, keys: readonly MerchantKey[], now: number): string {
  if (safeToRetireFrom === null) {
    const isOnly = keys.filter(({ status }) => status === 'active').length === 1
    return `not to be retired: ${isOnly ? 'it is the only active key' : 'no other key has verified a request yet'}`
  }
  return Date.parse(safeToRetireFrom) <= now ? 'safe to retire' : `safe to retire from ${safeToRetireFrom} unless it is used again`
}

/** One row per active key; the first also has the merchant. */
function listRows({ agentId, status, currencies, sign, clock, keys, labels }: Merchant, now: number): string[][] {
  return keys
    .filter((key) => key.status === 'active')
    .map((key, index) => {
      const merchant = [agentId, status, currencies.join(','), sign, clockText(clock)]
      const use = [key.keyId, key.lastUsedAt ?? '-', retirementText(key, keys, now)]
      return index === 0 ? [...merchant, ...use, labelText(labels)] : [...merchant.map(() => ''), ...use, '']
    })
}
