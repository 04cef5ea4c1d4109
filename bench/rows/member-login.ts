import type { Server } from '../lib/child.ts'
import { type Contender, compare, goodRate } from '../lib/compare.ts'
import { load } from '../lib/load.ts'
import { byRequest, type ProcessorTime, processorTime } from '../lib/processor.ts'
import { memberLogins, type RequestFile } from '../lib/requests.ts'
import type { Figure, Row, RowContext } from '../lib/row.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { copyPostgres, copySqlite, membersUsual, merchant, postgresUrl } from '../lib/stores.ts'

export const connections = 64
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
    const bare = async (name: string, WRITE: string) => {
      const databaseUrl = await copyPostgres()
      return { ...(await startBare('login-postgres', name, { WRITE, DATABASE_URL: databaseUrl })), databaseUrl }
    }
    const databaseUrl = await copyPostgres()
    const servers = {
      gateway: { ...(await startGateway(databaseUrl)), databaseUrl },
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

/** Sends every server signed logins, the same ones to all with equally many members, and stops the servers. */
export async function compareLogins(
  servers: readonly (Server & { readonly databaseUrl?: string })[],
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
  const processor = new Map<string, ProcessorTime[]>(servers.map(({ name }) => [name, []]))
  const contenders = servers.map(
    ({ name, port, pid, databaseUrl }): Contender => ({
      name,
      measure: async (seconds, round) => {
        const requests = requestsOf(membersOf(name), seconds, round)
        const before = await processorTime(pid, databaseUrl)
        const result = await load({ port, seconds, connections, requests, use: 'once' })
        if (round >= 0) processor.get(name)?.push(byRequest(before, await processorTime(pid, databaseUrl), result.requests))
        return goodRate(name, result)
      },
    }),
  )
  const comparison = await compare(contenders, context)
  for (const server of servers) await server.stop()
  return {
    ...comparison,
    figures: [...comparison.figures, ...servers.flatMap(({ name }) => processorFigures(name, processor.get(name) ?? []))],
  }
}

/** Processor time a login, by who spends it. */
function processorFigures(name: string, times: readonly ProcessorTime[]): Figure[] {
  const figure = (who: string, of: keyof ProcessorTime) => ({ name: `${name}: ${who}`, unit: 'µs', values: times.map((time) => time[of]) })
  const figures = [
    figure('main thread', 'mainThread'),
    figure('other threads', 'otherThreads'),
    figure("PostgreSQL's backends", 'backends'),
  ]
  return figures.filter(({ values }) => values.some((value) => value > 0))
}
