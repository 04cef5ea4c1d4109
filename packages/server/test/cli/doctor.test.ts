import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { openStore } from '../../src/store/open-store.ts'
import { Installation } from '../support/installation.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { SpanCollector } from '../support/span-collector.ts'
import { testStores } from '../support/stores.ts'
import { CommandLine } from './command-line.ts'

interface Report {
  readonly ok: boolean
  readonly findings: readonly { check: string; verdict: string; text: string }[]
}

for (const storeKind of testStores()) {
  describe(`doctor on ${storeKind.name}`, () => {
    let installation: Installation
    let server: ServerProcess
    let env: Record<string, string>
    before(async () => {
      installation = await Installation.create(storeKind)
      server = await installation.serve([], { LOBBY_PAGE: 'on' })
      env = { ...installation.env, PUBLIC_URL: server.origin, LOBBY_PAGE: 'on' }
    })
    after(async () => {
      await server.stop('SIGKILL')
      await installation.drop()
    })
    const examine = async (changes: Record<string, string> = {}) => {
      const line = new CommandLine({ ...env, ...changes })
      // Real time, as in the serving processes.
      line.clock.advance(Math.floor(performance.timeOrigin + performance.now()) - line.clock.now())
      const { exitCode, output, errorOutput } = await line.run(['doctor', '--json'])
      assert.equal(errorOutput, '')
      const report = JSON.parse(output) as Report
      return { exitCode, report, bad: report.findings.filter(({ verdict }) => verdict === 'bad') }
    }

    test('a healthy server: 0, a line for each check', async () => {
      const { exitCode, report, bad } = await examine()
      assert.deepEqual([exitCode, report.ok, bad], [0, true, []])
      const checks = new Set(report.findings.map(({ check }) => check))
      for (const check of ['settings', 'schema', 'clock', 'processes', 'public URL', 'lobby', 'proxies'])
        assert.ok(checks.has(check), check)
    })

    test('a collector of OpenTelemetry spans is asked, and one that does not take them is told', async () => {
      const collector = await SpanCollector.start()
      const secret = { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret' }
      const { report } = await examine({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...secret })
      assert.equal(report.findings.find(({ check }) => check === 'spans')?.verdict, 'good')
      assert.deepEqual([collector.headers[0]?.['x-key'], collector.spans], ['secret', []])
      collector.answer = (_request, response) => void response.writeHead(404).end()
      const wrong = await examine({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...secret })
      assert.match(JSON.stringify(wrong.bad), /answered 404.*check OTEL_EXPORTER_OTLP_ENDPOINT/)
      await collector.close()
      const away = await examine({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...secret })
      assert.match(JSON.stringify(away.bad), /(?:ECONNREFUSED|UND_ERR_SOCKET).*check OTEL_EXPORTER_OTLP_ENDPOINT/)
      assert.doesNotMatch(JSON.stringify([wrong, away]), /secret/)
    })

    test('problems are reported with what to do, and end with 7; no secret is shown', async () => {
      const { exitCode, bad } = await examine({ PUBLIC_URL: 'https://localhost:1', REDIS_URL: 'redis://u:secret@127.0.0.1:1' })
      assert.equal(exitCode, 7)
      assert.deepEqual(bad.map(({ check }) => check).sort(), ['certificate', 'lobby', 'proxies', 'public URL', 'redis'])
      assert.doesNotMatch(JSON.stringify(bad), /secret/)
      const wrong = await examine({ MASTER_KEY: Buffer.alloc(32, 7).toString('base64'), ARGON2_PASSES: '0' })
      assert.equal(wrong.exitCode, 7)
      assert.match(JSON.stringify(wrong.bad), /ARGON2_PASSES must be/)
      const { bad: unlobbied } = await examine({ LOBBY_PAGE: 'off' })
      assert.deepEqual(
        unlobbied.map(({ check }) => check),
        ['lobby'],
      )
      const changed = await new CommandLine(env).run(['merchant', 'update', 'acme', '--lobby-url', 'https://lobby.acme.example'])
      assert.equal(changed.exitCode, 0, changed.errorOutput)
      const own = await examine({ LOBBY_PAGE: 'off' })
      assert.deepEqual(own.bad, [], 'nobody is sent to the page that is off')
      const away = await examine({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
      assert.deepEqual([away.exitCode, away.bad.map(({ check }) => check)], [7, ['store']])
    })

    test('what accepts connections and never answers is reported; so is another server at PUBLIC_URL', async (t) => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1')
      const other = createHttpServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1')
      await Promise.all([once(silent, 'listening'), once(other, 'listening')])
      t.after(() => [silent, other].map((one) => one.close()))
      const [silentAt, otherAt] = [silent, other].map((one) => `127.0.0.1:${(one.address() as AddressInfo).port}`)
      const { bad } = await examine({ REDIS_URL: `redis://${silentAt}`, PUBLIC_URL: `http://${otherAt}` })
      const texts = bad.map(({ check, text }) => `${check}: ${text}`)
      assert.deepEqual(texts, [
        'redis: Redis does not answer (no answer within 1000 ms): check REDIS_URL and that it runs.',
        `public URL: http://${otherAt}/livez answered 200, not this server: check the proxy, or PUBLIC_URL.`,
      ])
      const { bad: byAddress } = await examine({ PUBLIC_URL: 'https://127.0.0.1:1' })
      assert.match(byAddress.find(({ check }) => check === 'certificate')?.text ?? '', /\(ECONNREFUSED|connect ECONNREFUSED/)
    })

    test('a store that this version cannot read is reported', async () => {
      const store = await openStore({ url: installation.env.DATABASE_URL ?? '', poolSize: 1 })
      const later = { name: '9999-contract-later' }
      await store.database.run((db) => db.insertInto('schema_migrations').values(later).execute())
      const { exitCode, bad } = await examine()
      await store.database.run((db) => db.deleteFrom('schema_migrations').where('name', '=', later.name).execute())
      await store.close()
      assert.deepEqual([exitCode, bad.map(({ check }) => check)], [7, ['store']])
      assert.match(bad[0]?.text ?? '', /migrated by a newer Lobbykey \(9999-contract-later\): run that version/)
    })

    test('a store that can be read but not written is reported', async () => {
      const release = await lockWrites(installation.env.DATABASE_URL ?? '')
      try {
        const { exitCode, bad } = await examine()
        assert.equal(exitCode, 7)
        assert.match(JSON.stringify(bad), /The store cannot be written \(.+\): calls that write get 503/)
      } finally {
        await release()
      }
    })

    test('a secret readable by everybody is reported', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lobbykey-doctor-'))
      const file = join(folder, 'master-key')
      writeFileSync(file, installation.env.MASTER_KEY ?? '')
      chmodSync(file, 0o644)
      const { MASTER_KEY: _, ...rest } = env
      env = { ...rest, MASTER_KEY_FILE: file }
      assert.match(JSON.stringify((await examine()).bad), /chmod 600/)
      chmodSync(file, 0o600)
      assert.deepEqual((await examine()).bad, [])
      rmSync(folder, { recursive: true })
    })
  })
}

/** Keeps all others from writing the row that tests the store. */
async function lockWrites(url: string): Promise<() => Promise<void>> {
  if (url.startsWith('sqlite:')) {
    const file = new DatabaseSync(url.slice('sqlite:'.length))
    file.exec('begin immediate')
    return async () => file.close()
  }
  const client = new pg.Client(url)
  await client.connect()
  await client.query('begin')
  await client.query('lock table meta in exclusive mode')
  return () => client.end()
}
