import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { makePng } from '../support/pictures.ts'
import { testStores } from '../support/stores.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

interface Applied {
  readonly changes: { action: string; noun: string; id: string | null; fields?: Record<string, { before: unknown; after: unknown }> }[]
  readonly applied: boolean
}

const partners = `
merchants:
  acme:
    currencies: [USD, VND]
    allow: []
    callbackOrigins: ['https://APP.example.com']
    labels: { team: slots }
    key: env:ACME_KEY
  globex:
    status: disabled
    key: env:GLOBEX_KEY
services:
  billing:
`
const keys = { ACME_KEY: 'A'.repeat(32), GLOBEX_KEY: 'B'.repeat(32) }

for (const storeKind of testStores()) {
  for (const place of ['local', 'remote'] as const) {
    describe(`declared configuration, ${place}, on ${storeKind.name}`, () => {
      let gateway: TestGateway
      let command: CommandLine
      before(async () => {
        gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
        const token = await addToken(gateway, await addOperator(gateway, 'owner'))
        const { databaseUrl, masterKey } = gateway.settings
        command = new CommandLine(
          place === 'remote'
            ? { ...keys, LOBBYKEY_URL: await gateway.admin.listen({ host: '127.0.0.1', port: 0 }), LOBBYKEY_TOKEN: token }
            : { ...keys, DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.from(masterKey).toString('base64') },
        )
      })
      after(() => gateway.close())
      const apply = (text: string, ...more: string[]) => command.json<Applied>(['apply', '-f', '-', '--yes', ...more], text)

      test('a file is shown, applied, and then in step', async (t) => {
        const secrets = join(await temporaryFolder(t), 'secrets')
        const dry = await command.run(['apply', '-f', '-', '--dry-run'], partners)
        assert.deepEqual(
          [dry.exitCode, dry.output.split('\n').slice(0, 4)],
          [6, ['+ merchant acme', '+ merchant globex', '~ merchant globex: disabled', '+ service billing']],
        )
        assert.equal((await command.failure(['merchant', 'show', 'acme'])).exitCode, 3)
        const unkept = await command.failure(['apply', '-f', '-', '--yes'], partners)
        assert.match(unkept.message, /secrets that are shown only once \(service billing\)/)
        const { applied, changes } = await apply(partners, '--secrets', secrets)
        assert.deepEqual([applied, changes.length], [true, 4])
        assert.deepEqual([statSync(secrets).mode & 0o777, JSON.parse(readFileSync(secrets, 'utf8')).service], [0o600, 'billing'])
        assert.equal((await command.json(['merchant', 'show', 'globex'])).status, 'disabled')
        assert.deepEqual(await apply(partners), { changes: [], applied: false })
        assert.equal((await command.run(['apply', '-f', '-', '--dry-run'], partners)).exitCode, 0)
      })

      test('brands can be declared, with a logo from a separate file, and are exported unchanged', async (t) => {
        const folder = await temporaryFolder(t)
        const file = join(folder, 'partners.yaml')
        writeFileSync(join(folder, 'logo.png'), makePng())
        writeFileSync(
          file,
          `merchants: { fresh: { key: env:ACME_KEY } }
brands:
  '*': { title: The platform }
  fresh: { title: Fresh, logo: 'file:logo.png', accentColor: '#1A5FB4' }
`,
        )
        const first = await command.json<Applied>(['apply', '-f', file, '--yes'])
        assert.deepEqual(
          first.changes.map(({ action, noun, id }) => [action, noun, id]),
          [
            ['add', 'merchant', 'fresh'],
            ['add', 'brand', '*'],
            ['add', 'brand', 'fresh'],
          ],
        )
        assert.deepEqual((await command.json<Applied>(['apply', '-f', file, '--yes'])).changes, [])
        const { output } = await command.run(['export', '--form', 'json'])
        assert.equal(JSON.parse(output).brands.fresh.logo, makePng().toString('base64'))
        assert.deepEqual((await apply(output)).changes, [])
        const changed = await apply("brands: { fresh: { title: null, accentColor: '#000000' } }")
        assert.deepEqual(changed.changes[0]?.fields, {
          title: { before: 'Fresh', after: null },
          accentColor: { before: '#1a5fb4', after: '#000000' },
        })
        assert.match(
          (await command.failure(['apply', '-f', '-', '--yes'], 'brands: { fresh: { logo: file:nosuch.png } }')).message,
          /nosuch/,
        )
        assert.match((await command.failure(['apply', '-f', '-', '--yes'], 'brands: { nosuch: { title: x } }')).message, /nosuch/)
      })

      test('undeclared objects stay, declared ones are changed, and the difference is shown in advance', async () => {
        const { changes } = await apply('merchants: { acme: { allow: [203.0.113.7, 203.0.113.7] } }')
        assert.deepEqual(changes, [
          { action: 'update', noun: 'merchant', id: 'acme', fields: { allow: { before: [], after: ['203.0.113.7'] } } },
        ])
        const { currencies, callbackOrigins } = await command.json(['merchant', 'show', 'acme'])
        assert.deepEqual([currencies, callbackOrigins], [['USD', 'VND'], ['https://app.example.com']])
        assert.equal((await apply('merchants: { globex: { status: enabled } }')).changes[0]?.action, 'enable')
      })

      test('prune removes undeclared objects with the label: used ones are disabled', async () => {
        const labelled = ['--label', 'owner=ci']
        await command.json(['merchant', 'add', 'initech'])
        await apply('merchants: { acme: {}, globex: {}, agent001: {} }\nservices: { billing: {} }', ...labelled)
        assert.match((await command.failure(['apply', '-f', '-', '--prune', '--yes'], '{}')).message, /requires --label/)
        const { changes } = await apply('merchants: { acme: {} }', ...labelled, '--prune')
        assert.deepEqual(
          changes.map(({ action, id }) => [action, id]),
          [
            ['disable', 'agent001'],
            ['delete', 'globex'],
            ['delete', 'billing'],
          ],
        )
        assert.deepEqual((await apply('merchants: { acme: {} }', ...labelled, '--prune')).changes, [])
        assert.equal((await command.json(['merchant', 'show', 'initech'])).status, 'enabled')
        await apply('merchants: { agent001: { status: enabled } }')
      })

      test('export writes a file that apply finds in step, without secrets', async () => {
        const { output } = await command.run(['export'])
        assert.doesNotMatch(output, /A{32}|lks_|key/i)
        assert.deepEqual((await apply(output)).changes, [])
        assert.deepEqual((await apply((await command.run(['export', '--form', 'json'])).output)).changes, [])
      })

      test('errors in the file are named, and nothing of it is applied', async () => {
        const wrong: [string, RegExp][] = [
          ['merchants: { new1: {}, acme: { colour: red } }', /merchants\.acme: colour is not a field/],
          ['merchants: { new1: {}, acme: { allow: [nowhere] } }', /nowhere must be an IP address/],
          ['merchants: { new1: { key: secret-in-the-file-0000 } }', /merchants\.new1: key must be env:NAME or file:PATH/],
          ['merchants: { new1: { key: env:NOT_SET } }', /env:NOT_SET is not set/],
          ['partners: {}', /partners is not one of merchants, services, brands, catalogue/],
          ['merchants: [acme]', /merchants must be a map by ID/],
          ['a: [', /is not YAML/],
          ['merchants: { acme: {}, acme: {} }', /is not YAML: .*unique/],
        ]
        for (const [text, message] of wrong) {
          const failure = await command.failure(['apply', '-f', '-', '--yes'], text)
          assert.deepEqual([failure.exitCode, message.test(failure.message)], [2, true], `${text}: ${failure.message}`)
        }
        assert.equal((await command.failure(['merchant', 'show', 'new1'])).exitCode, 3)
        assert.equal((await command.failure(['apply', '-f', 'nosuch.yaml'])).exitCode, 3)
        assert.match((await command.failure(['apply', '-f', '-'], 'merchants: { acme: { allow: [] } }')).message, /--yes/)
      })

      test('the catalogue can be in a separate file', async (t) => {
        const folder = await temporaryFolder(t)
        const { text } = await command.json<{ text: string }>(['catalogue', 'export'])
        const catalogue = JSON.parse(text) as { games: object[] }
        const [first, ...others] = catalogue.games
        writeFileSync(
          join(folder, 'games.json'),
          JSON.stringify({ ...catalogue, games: [{ ...first, names: { 'en-US': 'Renamed' } }, ...others] }),
        )
        const file = join(folder, 'partners.yaml')
        writeFileSync(file, 'catalogue: games.json')
        const { changes } = await command.json<Applied>(['apply', '-f', file, '--yes'])
        assert.deepEqual([changes.length, changes[0]?.action, changes[0]?.noun], [1, 'replace', 'catalogue'])
        assert.deepEqual(await command.json(['apply', '-f', file, '--yes']), { changes: [], applied: false })
      })
    })
  }
}
