/** `lobbykey audit verify` against many seals that somebody else keeps, beside the store and over the admin API. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Sealer } from '../../src/core/base/sealer.ts'
import { SealMaker, sealDigest } from '../../src/core/records/event-seal.ts'
import type { SealRecord } from '../../src/store/store.ts'
import { sampleEvent } from '../store/samples.ts'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

let gateway: TestGateway
let lines: string[]
const count = 600
before(async () => {
  gateway = await startTestGateway({ settings: { adminPort: 8081 } })
  const { store, settings, clock } = gateway
  await store.events.append(Array.from({ length: count }, () => sampleEvent()))
  const maker = await SealMaker.open(store.meta, new Sealer(settings.masterKey))
  const events = await store.seals.events({ after: 0, until: await store.seals.newestEvent(), limit: 10_000 })
  let last: SealRecord | null = null
  lines = []
  // An event each, as a quiet installation has over hours.
  for (const event of events) {
    last = maker.make(last, [event], clock.now())
    await store.seals.append(last)
    lines.push(`${last.number} ${sealDigest(last)}`)
  }
})
after(() => gateway.close())

async function commandLines(): Promise<CommandLine[]> {
  const { databaseUrl, masterKey } = gateway.settings
  return [
    new CommandLine({ DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.from(masterKey).toString('base64') }),
    new CommandLine({
      LOBBYKEY_URL: await gateway.admin.listen({ host: '127.0.0.1', port: 0 }),
      LOBBYKEY_TOKEN: await addToken(gateway, await addOperator(gateway, 'auditor')),
    }),
  ]
}

test('[check 74] more held seals than one call takes are compared, each of them; in a range of time, those of the range', async (t) => {
  const file = join(await temporaryFolder(t), 'kept.txt')
  const forged = (index: number, line: string) => (index === 550 ? line.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) : line)
  for (const command of await commandLines()) {
    await writeFile(file, `${lines.join('\n')}\n`)
    const whole = await command.json<{ seals: number }>(['audit', 'verify', '--seals', file])
    assert.ok(whole.seals >= count)
    assert.equal((await command.json(['audit', 'verify', '--since', '2020-01-01T00:00:00Z', '--seals', file])).fault, null)
    await writeFile(file, lines.map((line, index) => forged(index, line)).join('\n'))
    const { exitCode, message } = await command.failure(['audit', 'verify', '--seals', file])
    assert.deepEqual([exitCode, message], [4, 'seal 551: it is not the one that is held elsewhere'])
    await writeFile(file, [...lines, `${lines.length + 9} ${'a'.repeat(64)}`].join('\n'))
    assert.match((await command.failure(['audit', 'verify', '--seals', file])).message, /is held elsewhere and is not in the store/)
    await writeFile(file, [...lines, `3 ${'a'.repeat(64)}`].join('\n'))
    assert.match((await command.failure(['audit', 'verify', '--seals', file])).message, /seal 3: the file holds it twice/)
    assert.equal((await command.failure(['audit', 'verify', '--since', '2026-02-31'])).exitCode, 2)
  }
})
