/** Every verb on a local store and on a remote server: the same answers, exit codes and words. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildProgram } from '../../src/cli/program.ts'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { testStores } from '../support/stores.ts'
import { CommandLine, verbsOf } from './command-line.ts'

const catalogueFile = fileURLToPath(new URL('catalogue-sample.csv', import.meta.url))
const membersFile = fileURLToPath(new URL('members-sample.csv', import.meta.url))
const sellersFile = fileURLToPath(new URL('sellers-sample.csv', import.meta.url))

const requestFile = fileURLToPath(new URL('request-sample.json', import.meta.url))

/** Run in order on two stores with the same initial state; `@name` is a field of an earlier answer. */
const script: readonly string[][] = [
  // First, because timers record when processes were last seen.
  ['status'],
  ['merchant', 'add', 'acme', '--currency', 'USD', '--allow', '203.0.113.0/24'],
  ['merchant', 'add', 'acme'],
  ['merchant', 'list'],
  ['merchant', 'show', 'acme'],
  ['merchant', 'show', 'nosuch'],
  ['merchant', 'update', 'acme', '--allow', '198.51.100.7'],
  ['merchant', 'update', 'acme', '--currency', 'usd'],
  ['merchant', 'test-address', 'acme', '198.51.100.7'],
  ['merchant', 'certificate', 'acme'],
  ['merchant', 'certificate', 'nosuch'],
  ['merchant', 'rotate-key', 'acme'],
  ['merchant', 'retire-key', 'acme', '@keyId'],
  ['merchant', 'retire-key', 'acme', '@keyId', '--force'],
  ['member', 'add', 'acme', 'uid007', '--name', 'Ann', '--desc', 'a guest of honour'],
  ['member', 'add', 'acme', 'uid007'],
  ['member', 'add', 'acme', 'u'],
  ['member', 'import', 'acme', membersFile, '--dry-run'],
  ['member', 'import', 'acme', membersFile],
  ['member', 'import', 'acme', membersFile],
  ['member', 'import', 'nosuch', membersFile],
  ['member', 'import', 'acme', `${membersFile}.not`],
  ['member', 'show', 'acme', 'uid007'],
  ['member', 'show', 'acme', 'nosuch'],
  ['member', 'show', 'acme', 'uid007', '--purpose', 'Fall Müller, 100 %'],
  ['member', 'list', 'acme', '--purpose', 'ticket 12'],
  ['member', 'online', 'acme', '--list', '--purpose', 'ticket 12'],
  ['member', 'sessions', 'acme', 'uid007', '--purpose', 'ticket\u202e12'],
  ['events', '--kind', 'member.viewed'],
  ['member', 'update', 'acme', 'uid007', '--name', 'Anna', '--desc', ''],
  ['member', 'list', 'acme', '--begins', 'uid'],
  ['member', 'list', 'acme', '--name', 'An'],
  ['member', 'list', 'nosuch'],
  ['member', 'lock', 'acme', 'uid007', '--status', 'LockBet'],
  ['member', 'unlock', 'acme', 'uid007'],
  ['member', 'logout', 'acme', 'uid007'],
  ['member', 'kick', 'acme', 'uid007', '--wait', '0'],
  ['member', 'kick', 'acme', '--all', '--yes'],
  ['member', 'kick', '--all', '--yes'],
  ['member', 'kick', 'acme', '--all'],
  ['member', 'online'],
  ['member', 'online', 'acme', '--list'],
  ['member', 'sessions', 'acme', 'uid007'],
  ['member', 'sessions', 'acme', 'uid007', '--end', '00000000000000000000000000000000-k0000000'],
  ['member', 'erase', 'acme', 'uid007'],
  ['member', 'erase', 'acme', 'uid007', '--yes'],
  ['merchant', 'disable', 'acme'],
  ['merchant', 'enable', 'acme'],
  ['merchant', 'delete', 'acme'],
  ['merchant', 'add', 'handed', '--hand-over'],
  ['merchant', 'rotate-key', 'handed', '--hand-over'],
  ['service', 'add', 'handed', '--hand-over'],
  ['service', 'rotate-secret', 'handed', '--hand-over'],
  ['merchant', 'delete', 'agent001'],
  ['proposal', 'list', '--open'],
  ['proposal', 'add', 'merchant.disable', '{"agentId": "agent001"}', '--reason', 'they asked for it'],
  ['proposal', 'add', 'merchant.rotate-key', '{"agentId": "agent001"}', '--reason', 'no'],
  ['proposal', 'add', 'merchant.disable', '[]', '--reason', 'no'],
  ['proposal', 'show', '@proposalId'],
  ['proposal', 'withdraw', '@proposalId'],
  ['proposal', 'withdraw', '@proposalId'],
  ['proposal', 'policy'],
  ['proposal', 'policy', '--require', 'merchant.disable'],
  ['proposal', 'policy', '--off'],
  ['merchant', 'update', 'agent001', '--label', 'team=slots', '--label', 'tier=1'],
  ['merchant', 'list', '--label', 'team=slots'],
  ['merchant', 'list', '--due', 'clock'],
  ['brand', 'list'],
  ['brand', 'set', '--title', 'The platform', '--accent-color', '#ffe066'],
  ['brand', 'set', 'agent001', '--title', 'Acme', '--support-url', 'https://help.acme.example'],
  ['brand', 'set', 'agent001', '--logo', sellersFile],
  ['brand', 'set', 'agent001', '--logo', 'nosuch.png'],
  ['brand', 'set', 'agent001', '--header-color', 'blue'],
  ['brand', 'set', 'agent001', '--support-url', 'none'],
  ['brand', 'set', 'agent001'],
  ['brand', 'list'],
  ['brand', 'show', 'agent001'],
  ['brand', 'show'],
  ['brand', 'remove', 'agent001'],
  ['brand', 'remove', 'agent001'],
  ['service', 'add', 'billing', '--label', 'team=pay'],
  ['service', 'list'],
  ['service', 'show', 'billing'],
  ['service', 'list', '--label', 'team=pay'],
  ['service', 'update', 'billing', '--label', 'none'],
  ['service', 'rotate-secret', 'billing', '--overlap', '60'],
  ['service', 'disable', 'billing'],
  ['service', 'enable', 'billing'],
  ['service', 'delete', 'billing'],
  ['service', 'show', 'billing'],
  ['export'],
  ['apply', '-f', 'nosuch.yaml'],
  ['seller', 'add', 'Ann@Example.com'],
  ['seller', 'add', 'ann@example.com'],
  ['seller', 'list', '--begins', 'ANN'],
  ['seller', 'show', 'ann@example.COM'],
  ['seller', 'update', 'ann@example.com'],
  ['seller', 'update', 'ann@example.com', '--label', 'team=slots', '--label', 'tier=1'],
  ['seller', 'list', '--label', 'team=slots'],
  ['seller', 'list', '--label', 'team=none'],
  ['seller', 'show', 'nosuch@example.com'],
  ['seller', 'update', 'ann@example.com', '--email', 'anna@example.com'],
  ['seller', 'update', 'anna@example.com', '--email', 'seller@example.com'],
  ['seller', 'disable', 'anna@example.com'],
  ['seller', 'enable', 'anna@example.com'],
  ['seller', 'unlock', 'anna@example.com'],
  ['seller', 'set-password', 'anna@example.com'],
  ['seller', 'reset', 'anna@example.com'],
  ['seller', 'sessions', 'anna@example.com'],
  ['seller', 'sessions', 'anna@example.com', '--end'],
  ['seller', 'sessions', 'anna@example.com', '--end', 'nosuch'],
  ['seller', 'import', sellersFile],
  ['seller', 'import', sellersFile, '--dry-run'],
  ['seller', 'delete', 'anna@example.com'],
  ['seller', 'delete', 'anna@example.com', '--yes'],
  ['throttle', 'list'],
  ['throttle', 'list', '--email', 'seller@example.com', '--address', '203.0.113.7'],
  ['throttle', 'clear', '--address', '203.0.113.7'],
  ['throttle', 'clear'],
  ['operator', 'list'],
  ['operator', 'show', 'help@example.com'],
  ['operator', 'update', 'help@example.com', '--role', 'manager'],
  ['operator', 'revoke-tokens', 'help@example.com'],
  ['operator', 'disable', 'help@example.com'],
  ['operator', 'enable', 'help@example.com'],
  ['token', 'add', 'deploy', '--for', 'owner@example.com', '--days', '3'],
  ['token', 'list'],
  ['token', 'revoke', '@tokenId'],
  ['catalogue', 'show'],
  ['catalogue', 'show', '101'],
  ['catalogue', 'export', '--form', 'csv'],
  ['catalogue', 'import', catalogueFile, '--dry-run'],
  ['catalogue', 'import', catalogueFile],
  ['catalogue', 'import', `${catalogueFile}.not`],
  ['keys', 'list'],
  ['keys', 'rotate'],
  ['keys', 'rotate'],
  ['keys', 'retire', '@kid'],
  ['keys', 'retire', '@kid', '--force'],
  ['audit', 'verify'],
  ['audit', 'verify', '--since', '2020-01-01T00:00:00Z', '--until', '2030-01-01T00:00:00Z'],
  ['audit', 'verify', '--since', 'yesterday'],
  ['trace'],
  ['trace', '--merchant', 'nosuch'],
  ['trace', 'norequest'],
  ['events', '--kind', 'nosuch'],
  ['events', '--since', '2030-01-01T00:00:00Z'],
  ['explain', requestFile],
  ['explain', '--request', 'norequest'],
]

/** Verbs that need the store itself, or no store at all. */
const nearOnly = [
  /^(?:sandbox|serve|migrate|sign|connect|disconnect|backup|restore|doctor)$/,
  /^store /,
  /^operator (?:add|reset)$/,
  /^keys reset$/,
]

/** Random values. */
const drawn = /^(?:key|keyId|secret|token|tokenId|operatorId|sellerId|url|requestId|kid|proposalId|proposedBy|decidedBy)$/
/** Commands that read a password from standard input. */
const asksForSecret = /^seller (?:add|set-password) /
/** Fields that remote verbs change by using a token, and measured values. */
const noted = /^(?:lastUsed(?:At|Address)|seenAt|answerMs|seals|unsealed|last|events)$/

/** Not operations yet. */
const toCome: readonly RegExp[] = []

test('every verb is run both ways here, or needs the store', async () => {
  const isDone = (verb: string) => script.some((words) => `${words.join(' ')} `.startsWith(`${verb} `))
  const left = verbsOf(await buildProgram(new CommandLine({}).context())).filter(
    (verb) => ![...nearOnly, ...toCome].some((form) => form.test(verb)),
  )
  assert.deepEqual(
    left.filter((verb) => !isDone(verb)),
    [],
  )
})

for (const storeKind of testStores()) {
  describe(`verbs local and remote on ${storeKind.name}`, () => {
    let local: Side
    let remote: Side
    before(async () => {
      local = await Side.start(storeKind, 'local')
      remote = await Side.start(storeKind, 'remote')
    })
    after(async () => {
      await local.gateway.close()
      await remote.gateway.close()
    })

    for (const words of script) {
      test(words.join(' '), async () => {
        const [locally, remotely] = [await local.run(words), await remote.run(words)]
        assert.deepEqual(remotely, locally)
      })
    }
  })
}

/** A gateway on its own store, and a command line that works on it. */
class Side {
  readonly gateway: TestGateway
  readonly #command: CommandLine
  readonly #given = new Map<string, string>()

  constructor(gateway: TestGateway, env: Record<string, string>) {
    this.gateway = gateway
    this.#command = new CommandLine(env)
  }

  static async start(storeKind: ReturnType<typeof testStores>[number], place: 'local' | 'remote'): Promise<Side> {
    const gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
    await addOperator(gateway, 'support', null, 'help@example.com')
    const owner = await addOperator(gateway, 'owner', null, 'owner@example.com')
    const token = await addToken(gateway, owner, { days: 30 })
    const { databaseUrl, masterKey, publicUrl } = gateway.settings
    const env =
      place === 'remote'
        ? { LOBBYKEY_URL: await gateway.admin.listen({ host: '127.0.0.1', port: 0 }), LOBBYKEY_TOKEN: token }
        : {
            LOBBY_PAGE: 'on',
            KEY_ROTATION_DAYS: '0',
            RATE_PER_MERCHANT: '0',
            PUBLIC_URL: publicUrl,
            DATABASE_URL: databaseUrl,
            MASTER_KEY: Buffer.from(masterKey).toString('base64'),
          }
    return new Side(gateway, env)
  }

  async run(words: readonly string[]) {
    for (const clock of [this.gateway.clock, this.#command.clock]) clock.advance(1_000)
    const filled = words.map((word) => (word.startsWith('@') ? (this.#given.get(word.slice(1)) ?? word) : word))
    const input = asksForSecret.test(words.join(' ')) ? 'correct horse battery staple' : ''
    const { exitCode, output, errorOutput } = await this.#command.run([...filled, '--json'], input)
    const answer = output === '' ? null : JSON.parse(output)
    for (const [name, value] of Object.entries(answer ?? {})) if (typeof value === 'string') this.#given.set(name, value)
    return { exitCode, answer: comparable(answer), error: errorOutput === '' ? null : comparable(JSON.parse(errorOutput), this.#given) }
  }
}

function comparable(value: unknown, given?: ReadonlyMap<string, string>): unknown {
  const named = (name: string, field: unknown) =>
    drawn.test(name) && typeof field === 'string' ? `<${name}>` : noted.test(name) ? null : field
  if (given === undefined) return JSON.parse(JSON.stringify(value, named))
  const inWords = [...given].filter(([name]) => drawn.test(name))
  return JSON.parse(inWords.reduce((text, [name, random]) => text.replaceAll(random, `<${name}>`), JSON.stringify(value)))
}
