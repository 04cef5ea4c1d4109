import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { settingDefinitions } from '../../../src/config/settings.ts'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { SealMaker, sealDigest } from '../../../src/core/records/event-seal.ts'
import { type SealBacklog, SealDelivery, sealBacklogOf } from '../../../src/core/records/seal-delivery.ts'
import { type SealDestination, SealFile, SealUrl } from '../../../src/core/records/seal-destinations.ts'
import { temporaryFolder } from '../../cli/command-line.ts'
import { sampleEvent } from '../../store/samples.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A service that keeps seals; `handler` can be replaced. */
async function keeper(t: TestContext, handler: Handler) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      asked.push(body)
      handler(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keep?token=sesame` }
}

eachStore('seals that somebody else holds', (subject) => {
  const clock = new ManualClock()
  const sealer = new Sealer(randomBytes(32))

  /** As many more seals, of an event each. */
  async function seal(count: number): Promise<void> {
    const { store } = subject
    const maker = await SealMaker.open(store.meta, sealer)
    for (let number = 0; number < count; number++) {
      await store.events.append([sampleEvent()])
      const before = await store.seals.last()
      const until = await store.seals.newestEvent()
      const events = await store.seals.events({ after: before?.lastId ?? 0, until, limit: 1_000 })
      await store.seals.append(maker.make(before, events, clock.now()))
    }
  }

  async function linesOfAll(): Promise<string[]> {
    return (await subject.store.seals.list({ after: 0, limit: 10_000 })).map((one) => `${one.number} ${sealDigest(one)}`)
  }

  async function deliveryOf(destination: SealDestination, processId = 'p1', startedAt = 1) {
    const { store } = subject
    const problems: SealBacklog[] = []
    const errors: unknown[] = []
    const state = { host: hostname(), pid: startedAt, version: '1', isReady: true, limits: 'process', limitsShared: true } as const
    const beat = () => store.processes.beat({ id: processId, startedAt, seenAt: clock.now(), ...state })
    const delivery = new SealDelivery({
      seals: store.seals,
      processes: store.processes,
      shared: sharedAs(clock),
      processId,
      destinations: [destination],
      onProblem: (backlog) => problems.push(backlog),
      onError: (error) => errors.push(error),
    })
    const run = async () => {
      await beat()
      await delivery.run()
      assert.deepEqual(errors, [])
    }
    return { delivery, problems, run, backlog: () => delivery.backlogs[0] }
  }

  test('[check 74] a file gets every seal once, in order; a line that a crash cut short is written again', async (t) => {
    const path = join(await temporaryFolder(t), 'seals.txt')
    await seal(60)
    const { run, backlog } = await deliveryOf(new SealFile(path))
    await run()
    assert.deepEqual((await readFile(path, 'utf8')).trimEnd().split('\n'), await linesOfAll())
    const whole = await readFile(path, 'utf8')
    await writeFile(path, whole.slice(0, -20))
    await seal(2)
    await run()
    await run()
    assert.deepEqual((await readFile(path, 'utf8')).trimEnd().split('\n'), await linesOfAll())
    assert.deepEqual(backlog(), { destination: 'file', count: 0, problem: null })
  })

  test('[check 74] a file that holds more than the store, or something else, is told and left as it is', async (t) => {
    const path = join(await temporaryFolder(t), 'seals.txt')
    await seal(1)
    const ahead = `9999999 ${'a'.repeat(64)}\n`
    for (const [text, problem] of [
      [ahead, /holds seal 9999999, which the store does not have/],
      ['hello\n', /its last line is no seal/],
    ] as const) {
      await writeFile(path, text)
      const { run, problems, delivery } = await deliveryOf(new SealFile(path))
      await run()
      assert.match(problems[0]?.problem ?? '', problem)
      assert.equal(await readFile(path, 'utf8'), text)
      assert.match(sealBacklogOf(delivery.backlogs).sealBacklog?.[0] ?? '', /not delivered to SEALS_FILE/)
    }
    const nowhere = await deliveryOf(new SealFile(join(path, 'below-a-file')))
    await nowhere.run()
    assert.equal(nowhere.problems[0]?.problem, 'ENOTDIR')
  })

  test('[check 74] a service gets every seal; while it fails, what waits is counted and asked for less and less often', async (t) => {
    let status = 503
    const { asked, url } = await keeper(t, (_request, response) => response.writeHead(status).end())
    await seal(3)
    const { run, problems, backlog, delivery } = await deliveryOf(new SealUrl(url, subject.store.meta))
    const total = (await linesOfAll()).length
    await run()
    assert.deepEqual(backlog(), { destination: 'url', count: total, problem: 'it answered 503' })
    for (let tick = 0; tick < 24; tick++) {
      clock.advance(5_000)
      await run()
    }
    // At 0, 5, 15, 35 and 75 s of two minutes.
    assert.equal(asked.length, 5)
    await seal(2)
    clock.advance(5_000)
    await run()
    assert.equal(backlog()?.count, total + 2, 'counted while it is not asked')
    assert.deepEqual(
      problems.map(({ problem }) => problem),
      Array(problems.length).fill('it answered 503'),
    )
    assert.doesNotMatch(JSON.stringify(problems) + JSON.stringify(sealBacklogOf(delivery.backlogs)), /sesame/)
    status = 204
    asked.length = 0
    clock.advance(300_000)
    await run()
    const got = asked.flatMap((body) => (JSON.parse(body) as { seals: { number: number; digest: string }[] }).seals)
    assert.deepEqual(
      got.map(({ number, digest }) => `${number} ${digest}`),
      await linesOfAll(),
    )
    assert.deepEqual(backlog(), { destination: 'url', count: 0, problem: null })
    await run()
    assert.equal(asked.length, Math.ceil(got.length / 50), 'none twice')
  })

  test('a redirect is not followed, an unreachable service is named without its URL, and an endless answer is not read', async (t) => {
    const other = await keeper(t, (_request, response) => response.end())
    const moved = await keeper(t, (_request, response) => response.writeHead(307, { location: other.url }).end())
    const away = await deliveryOf(new SealUrl(moved.url, subject.store.meta))
    await seal(1)
    await away.run()
    assert.equal(away.problems.length, 1)
    assert.equal(other.asked.length, 0)
    const nobody = await deliveryOf(new SealUrl('http://127.0.0.1:9/?token=sesame', subject.store.meta))
    await nobody.run()
    assert.doesNotMatch(JSON.stringify(nobody.problems), /sesame|127\.0\.0\.1/)
    assert.equal(nobody.problems.length, 1)
    const endless = await keeper(t, (_request, response) => {
      response.writeHead(200)
      response.write('x'.repeat(100_000))
    })
    const patient = await deliveryOf(new SealUrl(endless.url, subject.store.meta))
    await patient.run()
    assert.deepEqual(patient.problems, [])
  })

  test('of several processes the one that has run longest delivers, and the next one when it is gone', async (t) => {
    const path = join(await temporaryFolder(t), 'seals.txt')
    clock.advance(60_000)
    const older = await deliveryOf(new SealFile(path), 'older', 5)
    const younger = await deliveryOf(new SealFile(path), 'younger', 6)
    await older.run()
    await seal(1)
    await Promise.all([older.run(), younger.run()])
    const lines = await linesOfAll()
    assert.deepEqual((await readFile(path, 'utf8')).trimEnd().split('\n'), lines)
    await seal(1)
    await younger.run()
    assert.equal((await readFile(path, 'utf8')).trimEnd().split('\n').length, lines.length)
    clock.advance(31_000)
    await younger.run()
    assert.deepEqual((await readFile(path, 'utf8')).trimEnd().split('\n'), await linesOfAll())
  })
})

test('SEALS_URL is https, or http on loopback; SEALS_FILE is an absolute path', () => {
  const { sealsUrl, sealsFile } = settingDefinitions
  for (const good of ['https://seals.example.com/keep?token=x', 'http://127.0.0.1:9000/', 'http://localhost/keep'])
    assert.ok(sealsUrl.parse(good))
  for (const bad of ['http://seals.example.com/', 'https://user:word@seals.example.com/', 'https://a.example/#x', 'ftp://a.example/', 'x'])
    assert.equal(sealsUrl.parse(bad), undefined, bad)
  assert.equal(sealsFile.parse('seals.txt'), undefined)
})
