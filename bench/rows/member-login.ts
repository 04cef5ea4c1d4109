import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort, type Server } from '../lib/child.ts'
import { type Contender, compare, goodRound } from '../lib/compare.ts'
import { CostMeter } from '../lib/costs.ts'
import { load } from '../lib/load.ts'
import { memberLogins, type RequestFile } from '../lib/requests.ts'
import type { Row, RowContext } from '../lib/row.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { copyPostgres, copySqlite, membersUsual, merchant, postgresUrl } from '../lib/stores.ts'

export const connections = 64
const redisUrl = process.env.BENCH_REDIS_URL ?? process.env.TEST_REDIS_URL ?? null
const scrapesMeasured = 50
/** More than any server here answers; unused requests are thrown away. */
const perSecondMax = 30_000

const notes = [
  `${connections} connections, ${membersUsual.toLocaleString('en')} members; every request has its own token, time and signature, and all servers get the same requests`,
]

const needsPostgres = () => (postgresUrl === null ? 'BENCH_DATABASE_URL or TEST_DATABASE_URL is not set' : null)

export const memberLoginPostgres: Row = {
  name: 'member-postgres',
  title: 'member login, PostgreSQL, durable',
  obstacle: needsPostgres,
  async run(context) {
    const bare = async (name: string, WRITE: string) => startBare('login-postgres', name, { WRITE, DATABASE_URL: await copyPostgres() })
    const servers = {
      gateway: await startGateway(await copyPostgres()),
      group: await bare('bare, group commit', 'group'),
      each: await bare('bare, a statement a request', 'each'),
      session: await bare('bare, one INSERT of the session only', 'session'),
    }
    const { figures, ratio } = await compareLogins(Object.values(servers), context)
    const title = 'member login, PostgreSQL, durable'
    const target = (value: number) => ({ bound: 'at least', value }) as const
    return {
      lines: [
        { title, against: servers.group.name, value: ratio('Lobbykey', servers.group.name), unit: '×', target: target(0.75) },
        { title, against: servers.each.name, value: ratio('Lobbykey', servers.each.name), unit: '×', target: target(2) },
        { title, against: servers.session.name, value: ratio('Lobbykey', servers.session.name), unit: '×', target: null },
      ],
      figures,
      notes: [
        ...notes,
        '"a statement a request" does the work of a login, as the group commit does: member’s status, replay row, session row; "of the session only" leaves out the first two',
      ],
    }
  },
}

export const memberLoginSqlite: Row = {
  name: 'member-sqlite',
  title: 'member login, SQLite FULL, durable',
  async run(context) {
    const servers = [
      await startGateway(`sqlite:${await copySqlite()}`),
      await startBare('login-sqlite', 'bare, group commit', { DATABASE_PATH: await copySqlite() }),
    ]
    const { figures, ratio } = await compareLogins(servers, context)
    return {
      lines: [
        {
          title: 'member login, SQLite FULL, durable',
          against: 'bare, group commit',
          value: ratio('Lobbykey', 'bare, group commit'),
          unit: '×',
          target: { bound: 'at least', value: 0.75 },
        },
      ],
      figures,
      notes,
    }
  },
}

export const memberLoginRedis: Row = {
  name: 'member-redis',
  title: 'member login, limits shared in Redis',
  obstacle: () =>
    postgresUrl === null || redisUrl === null ? 'it needs PostgreSQL and Redis: set TEST_DATABASE_URL and TEST_REDIS_URL' : null,
  async run(context) {
    const servers = [
      { ...(await startGateway(await copyPostgres(), { REDIS_URL: redisUrl ?? '' })), name: 'with REDIS_URL' },
      { ...(await startGateway(await copyPostgres())), name: 'without' },
    ]
    const { figures, ratio } = await compareLogins(servers, context)
    return {
      lines: [
        {
          title: 'member login, with REDIS_URL',
          against: 'without',
          value: ratio('with REDIS_URL', 'without'),
          unit: '×',
          target: { bound: 'at least', value: 0.92 },
        },
      ],
      figures,
      notes,
    }
  },
}

export const memberLoginMetrics: Row = {
  name: 'member-metrics',
  title: 'member login with metrics',
  obstacle: needsPostgres,
  async run(context) {
    const adminPort = await findFreePort()
    const servers = [
      { ...(await startGateway(await copyPostgres(), { ADMIN_PORT: String(adminPort) })), name: 'scraped' },
      { ...(await startGateway(await copyPostgres())), name: 'without' },
      { ...(await startGateway(await copyPostgres())), name: 'without, again' },
    ] as const
    const scrape = async () => {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`)
      if (!(await answer.text()).includes('lobbykey_processes')) throw new Error(`/metrics answered ${answer.status}`)
    }
    const scrapeMs = await costOf(servers[0], scrape)
    const { figures, costRatio } = await compareLogins(servers, context, undefined, { scraped: scrape })
    return {
      lines: [
        {
          title: 'member login with metrics, scraped every second: processor time of the main thread',
          against: 'no admin port',
          value: costRatio('scraped', 'without', 'main thread'),
          unit: '×',
          target: null,
        },
        {
          title: 'member login without metrics: processor time of the main thread',
          against: 'another such server',
          value: costRatio('without, again', 'without', 'main thread'),
          unit: '×',
          target: null,
        },
        {
          title: 'a scrape of metrics: processor time of the main thread',
          against: '2 % of a second',
          value: scrapeMs,
          unit: 'ms',
          target: { bound: 'at most', value: 20 },
        },
      ],
      figures,
      notes: [
        ...notes,
        'calls are counted either way; the admin port’s own readings of the process, such as the delay of its event loop, are in the first line only',
      ],
    }
  },
}

/** Main thread's time for one of many, ms. */
async function costOf(server: Server, work: () => Promise<void>): Promise<number> {
  for (let turn = 0; turn < scrapesMeasured; turn++) await work()
  const meter = await CostMeter.open(server)
  try {
    const before = await meter.read()
    for (let turn = 0; turn < scrapesMeasured; turn++) await work()
    return ((await meter.read())['main thread'] - before['main thread']) / scrapesMeasured / 1_000
  } finally {
    await meter.close()
  }
}

/**
 * Sends every server signed logins, the same ones to all with equally many members, and stops the servers.
 * @param everySecond what is done once a second of a server's load, by its name
 */
export async function compareLogins(
  servers: readonly Server[],
  context: RowContext,
  membersOf: (name: string) => number = () => membersUsual,
  everySecond: Readonly<Record<string, () => Promise<void>>> = {},
) {
  const corpora = new Map<string, RequestFile>()
  const requestsOf = (members: number, seconds: number, round: number) => {
    const id = `${members} ${round}`
    const made = corpora.get(id) ?? memberLogins({ ...merchant, members, count: Math.ceil(seconds * perSecondMax) })
    corpora.set(id, made)
    return made
  }
  const contenders = servers.map(
    ({ name, port, ...server }): Contender => ({
      name,
      server,
      measure: async (seconds, round) => {
        const requests = requestsOf(membersOf(name), seconds, round)
        const [result] = await Promise.all([
          load({ port, seconds, connections, requests, use: 'once' }),
          repeat(seconds, everySecond[name] ?? (async () => {})),
        ])
        return goodRound(name, result)
      },
    }),
  )
  const comparison = await compare(contenders, context)
  for (const server of servers) await server.stop()
  return comparison
}

async function repeat(seconds: number, work: () => Promise<void>): Promise<void> {
  for (let second = 0; second < Math.floor(seconds); second++) {
    await sleep(500)
    await work()
    await sleep(500)
  }
}
