import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { sampleLogin } from '../store/samples.ts'
import { until } from '../support/until.ts'
import { type CommandLine, commandLine } from './command-line.ts'

interface Kicked {
  ended: number
  entered: number
  acknowledged: number
}

/** Two merchants with members, and direct access to the store. */
async function withMembers(t: TestContext): Promise<{ command: CommandLine; store: SqlStore }> {
  const command = await commandLine(t)
  for (const merchant of ['acme', 'other']) await command.json(['merchant', 'add', merchant])
  for (const user of ['uid001', 'uid002', 'uid003']) await command.json(['member', 'add', 'acme', user])
  await command.json(['member', 'add', 'other', 'uid001'])
  const store = await openStore({ url: command.env.DATABASE_URL ?? '' })
  t.after(() => store.close())
  return { command, store }
}

async function enter(store: SqlStore, agentId: string, userId: string, token: string, gameCode: string | null = null) {
  const login = sampleLogin({ agentId, userId, token: `${agentId} ${token}`, gameCode })
  assert.deepEqual(await store.memberSessions.login([login]), ['accepted'])
  return login.tokenHash
}

test('[check 64] kick: a member, a merchant, everybody; an unknown member is reported, one without sessions is a success', async (t) => {
  const { command, store } = await withMembers(t)
  for (const [agentId, userId, token] of [
    ['acme', 'uid001', 'a'],
    ['acme', 'uid001', 'b'],
    ['acme', 'uid002', 'c'],
    ['acme', 'uid003', 'd'],
    ['other', 'uid001', 'e'],
  ] as const) {
    await enter(store, agentId, userId, token)
  }
  const live = async (agentId: string) => (await store.memberSessions.listOnline(agentId, { now: command.clock.now(), limit: 10 })).length
  assert.deepEqual(await command.json<Kicked>(['member', 'kick', 'acme', 'uid001']), {
    agentId: 'acme',
    userId: 'uid001',
    ended: 2,
    entered: 0,
    acknowledged: 0,
  })
  assert.deepEqual([await live('acme'), await live('other')], [2, 1])
  assert.equal((await command.json<Kicked>(['member', 'kick', 'acme', 'uid001'])).ended, 0)
  assert.equal((await command.json<Kicked>(['member', 'kick', 'acme', '--all', '--yes'])).ended, 2)
  assert.deepEqual([await live('acme'), await live('other')], [0, 1])
  await enter(store, 'acme', 'uid002', 'f')
  assert.equal((await command.json<Kicked>(['member', 'kick', '--all', '--yes'])).ended, 2)
  assert.deepEqual([await live('acme'), await live('other')], [0, 0])

  const counts = (await store.events.list({ kind: 'member.kicked', limit: 10 })).map(({ agentId, subject, count }) => [
    agentId,
    subject,
    count,
  ])
  assert.deepEqual(counts, [
    ['other', undefined, 1],
    ['acme', undefined, 1],
    ['acme', undefined, 2],
    ['acme', 'uid001', 2],
  ])
  const wrong: [string[], number, RegExp][] = [
    [['acme', 'nobody'], 3, /no member nobody/],
    [['nobody', '--all', '--yes'], 3, /no merchant nobody/],
    [['acme', '--all'], 2, /This ends every session of merchant acme\. Add --yes/],
    [['acme'], 2, /add --all to end every session of merchant acme/],
    [[], 2, /add --all to end every session of every merchant/],
    [['acme', 'uid001', '--wait', '61'], 2, /0 to 60/],
  ]
  for (const [words, exitCode, message] of wrong) {
    const failure = await command.failure(['member', 'kick', ...words])
    assert.equal(failure.exitCode, exitCode)
    assert.match(failure.message, message)
  }
})

test('kick: a lobby that shows the end acknowledges it, or is reported as silent', async (t) => {
  const { command, store } = await withMembers(t)
  const [heard, unheard] = [await enter(store, 'acme', 'uid001', 'a'), await enter(store, 'acme', 'uid001', 'b')]
  for (const tokenHash of [heard, unheard]) await store.memberSessions.enter(tokenHash, command.clock.now())
  const lobby = () =>
    until(
      () => store.memberSessions.acknowledgeEnd(heard, command.clock.now()),
      () => 'the end of a session',
    )
  const [kicked] = await Promise.all([command.json<Kicked>(['member', 'kick', 'acme', 'uid001', '--wait', '1']), lobby()])
  assert.deepEqual([kicked.ended, kicked.entered, kicked.acknowledged], [2, 2, 1])

  const again = await enter(store, 'acme', 'uid002', 'c')
  await store.memberSessions.enter(again, command.clock.now())
  const { output } = await command.run(['member', 'kick', 'acme', 'uid002', '--wait', '0'])
  assert.equal(output, '1 session ended.\n1 had entered a lobby: 0 confirmed the end, 1 did not within 0 s.\n')
})

test('online: counts by platform, currency and game, and the list', async (t) => {
  const { command, store } = await withMembers(t)
  await store.catalogue.replace(
    {
      games: [{ gameId: '101', names: { en: 'Baccarat' } }],
      tables: [{ gameId: '101', instId: 'A', names: { en: 'A' }, status: 1 }],
      limits: [],
    },
    { at: command.clock.now(), kind: 'catalogue.replaced', surface: 'cli' },
  )
  await enter(store, 'acme', 'uid001', 'a', '101')
  await enter(store, 'acme', 'uid001', 'b', '101-A')
  await enter(store, 'acme', 'uid002', 'c', 'no-such-game')
  await enter(store, 'acme', 'uid003', 'd')
  const summary = {
    agentId: 'acme',
    sessions: 4,
    users: 3,
    isComplete: true,
    byPlatform: { h5: 4 },
    byCurrency: { VND2: 4 },
    byGame: { lobby: 2, '101': 2 },
  }
  assert.deepEqual(await command.json(['member', 'online', 'acme']), summary)
  const { list } = await command.json<{ list: { userId: string }[] }>(['member', 'online', 'acme', '--list', '--limit', '3'])
  assert.deepEqual(
    list.map(({ userId }) => userId),
    ['uid001', 'uid001', 'uid002'],
  )
  const rest = await command.json<{ list: { userId: string }[] }>(['member', 'online', 'acme', '--list', '--after', 'uid002'])
  assert.deepEqual(
    rest.list.map(({ userId }) => userId),
    ['uid003'],
  )
  assert.deepEqual(await command.json(['member', 'online']), {
    merchants: [summary, { agentId: 'other', sessions: 0, users: 0, isComplete: true, byPlatform: {}, byCurrency: {}, byGame: {} }],
    sessions: 4,
    isComplete: true,
  })
  assert.match(
    (await command.run(['member', 'online', 'acme', '--list'])).output,
    /^Merchant acme has 4 live sessions of 3 users\.\n {2}by platform {2}h5 4\n {2}by currency {2}VND2 4\n {2}by game {6}101 2, lobby 2\n\nUSER_ID .*\nuid001 {3}member/,
  )
  assert.match((await command.run(['member', 'online', 'other'])).output, /^Merchant other has 0 live sessions of 0 users\.\n$/)
  assert.equal((await command.failure(['member', 'online', 'nobody'])).exitCode, 3)
  assert.equal((await command.failure(['member', 'online', '--list'])).exitCode, 2)
})

test("erase: only the member's user ID is left, in events", async (t) => {
  const { command, store } = await withMembers(t)
  await command.json(['member', 'add', 'acme', 'gone', '--name', 'Very_Secret_Name', '--desc', 'very secret'])
  const login = {
    ...sampleLogin({ agentId: 'acme', userId: 'gone', token: 'acme gone' }),
    callback: 'https://home.example/very-secret',
    language: 'qq-very',
  }
  await store.memberSessions.login([login])
  assert.match((await command.failure(['member', 'erase', 'acme', 'gone'])).message, /cannot be undone: add --yes/)
  await command.json(['member', 'erase', 'acme', 'gone', '--yes'])
  assert.equal((await command.failure(['member', 'lock', 'acme', 'gone'])).exitCode, 3)
  const kept = JSON.stringify([
    await store.memberSessions.find(login.tokenHash),
    await store.events.list({ agentId: 'acme', limit: 100 }),
    await store.members.list('acme', { limit: 100 }),
  ])
  assert.doesNotMatch(kept, /very/i)
  assert.deepEqual(
    (await store.events.list({ subject: 'gone', limit: 10 })).map(({ kind }) => kind),
    ['member.erased', 'member.created'],
  )
  assert.equal((await command.failure(['member', 'erase', 'acme', 'nobody', '--yes'])).exitCode, 3)
})
