import { type RawBuilder, sql } from 'kysely'
import type { OnlineCount, SessionCount } from '../store.ts'
import { chunks, type Database } from './database.ts'

/** Merchants in one statement. */
const merchantsMax = 200

/** See `MemberSessionStore.countOnline`. */
export async function countOnline(database: Database, agentIds: readonly string[], now: number, max = 2 ** 40): Promise<OnlineCount[]> {
  const counts: OnlineCount[] = []
  for (const chunk of chunks(agentIds, merchantsMax)) counts.push(...(await countChunk(database, chunk, now, max)))
  return counts
}

interface CountRow {
  readonly what: 'sort' | 'users' | 'found'
  readonly agent_id: string
  readonly platform: string | null
  readonly currency: string | null
  readonly game_code: string | null
  readonly count: number
}

async function countChunk(database: Database, agentIds: readonly string[], now: number, max: number): Promise<OnlineCount[]> {
  const { rows } = await database.run((db) =>
    sql<CountRow>`
      with found as (${firstSessions(database, agentIds, max)}), live as (select * from found where ended_at is null and expires_at > ${now})
      select * from (select 'sort' as what, agent_id, platform, currency, game_code, count(*) as count from live group by agent_id, platform, currency, game_code
      union all select 'users', agent_id, null, null, null, count(distinct user_id) from live group by agent_id
      union all select 'found', agent_id, null, null, null, count(*) from found group by agent_id
      ) as counts order by platform, currency, coalesce(game_code, '')`.execute(db),
  )
  const rowsOf = Map.groupBy(rows, ({ agent_id }) => agent_id)
  return agentIds.map((agentId) => {
    const own = rowsOf.get(agentId) ?? []
    return {
      agentId,
      users: own.find(({ what }) => what === 'users')?.count ?? 0,
      sorts: own.filter(({ what }) => what === 'sort').map(sortOf),
      isComplete: (own.find(({ what }) => what === 'found')?.count ?? 0) <= max,
    }
  })
}

function sortOf({ platform, currency, game_code: gameCode, count }: CountRow): SessionCount {
  return { platform: platform ?? '', currency: currency ?? '', gameCode, count }
}

/** Of each merchant the first `max` sessions and one more, from the index by member. */
function firstSessions({ dialect }: Database, agentIds: readonly string[], max: number): RawBuilder<unknown> {
  const of = (agentId: RawBuilder<unknown>) => sql`
    select agent_id, user_id, platform, currency, game_code, ended_at, expires_at from member_sessions
    where member_sessions.agent_id = ${agentId} order by user_id limit ${max + 1}`
  // A statement of many parts takes PostgreSQL long to plan, and SQLite has no lateral joins.
  return dialect === 'postgres'
    ? sql`select first.* from unnest(${agentIds}::text[]) as named (agent_id) cross join lateral (${of(sql.ref('named.agent_id'))}) as first`
    : sql.join(
        agentIds.map((agentId) => sql`select * from (${of(sql.val(agentId))})`),
        sql` union all `,
      )
}

/** See `MemberSessionStore.countAllOnline`. */
export async function countAllOnline(
  database: Database,
  agentIds: readonly string[] | null,
  now: number,
  max: number,
): Promise<{ readonly sessions: number; readonly isComplete: boolean }> {
  if (agentIds !== null) {
    const counts = await countOnline(database, agentIds, now, max)
    const sessions = counts.reduce((sum, { sorts }) => sum + sorts.reduce((own, { count }) => own + count, 0), 0)
    return { sessions, isComplete: counts.every(({ isComplete }) => isComplete) }
  }
  // Those that expire last first: most of them have not ended.
  const newest = sql`select ended_at from member_sessions where expires_at > ${now} order by expires_at desc limit ${max + 1}`
  const { rows } = await database.run((db) =>
    sql<{ found: number; ended: number }>`select count(*) as found, count(ended_at) as ended from (${newest}) as newest`.execute(db),
  )
  const [{ found = 0, ended = 0 } = {}] = rows
  return { sessions: found - ended, isComplete: found <= max }
}
