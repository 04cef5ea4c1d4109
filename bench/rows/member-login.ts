import type { Server } from '../lib/child.ts'
import { type Contender, compare, goodRound } from '../lib/compare.ts'
import { load } from '../lib/load.ts'
import { memberLogins, type RequestFile } from '../lib/requests.ts'
import type { Row, RowContext } from '../lib/row.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { copyPostgres, copySqlite, membersUsual, merchant, postgresUrl } from '../lib/stores.ts'

export const connections = 64
const redisUrl = process.env.BENCH_REDIS_URL ?? process.env.TEST_REDIS_URL ?? null
/** More than any server here answers; unused requests are thrown away. */
const perSecondMax = 30_000

const notes = [
  `${connections} connections, ${membersUsual.toLocaleString('en')} members; every request has its own token, time and signature, and all servers get the same requests`,
]

export const memberLoginPostgres: Row = {
  name: 'member-postgres',
  title: 'member login, PostgreSQL, durable',
  obstacle: () => (postgresUrl === null ? 'BENCH_DATABASE_URL or TEST_DATABASE_URL is not set' : null),
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

/** Sends every server signed logins, the same ones to all with equally many members, and stops the servers. */
export async function compareLogins(
  servers: readonly Server[],
  context: RowContext,
  membersOf: (name: string) => number = () => membersUsual,
) {
  const corpora = new Map<string, RequestFile>()
  const requestsOf = (members: number, seconds: number, round: number) => {
    const id = `${members} ${round}`
    const made = corpora.get(id) ?? memberLogins({ ...merchant, members, count: Math.ceil(seconds * perSecondMax) })
    corpora.set(id, made)
    return made
  }
  const contenders = servers.map(
    (server): Contender => ({
      name: server.name,
      server,
      measure: async (seconds, round) => {
        const requests = requestsOf(membersOf(server.name), seconds, round)
        return goodRound(server.name, await load({ port: server.port, seconds, connections, requests, use: 'once' }))
      },
    }),
  )
  const comparison = await compare(contenders, context)
  for (const server of servers) await server.stop()
  return comparison
}
