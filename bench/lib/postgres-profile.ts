/** Where PostgreSQL spends its time in a login: pages touched, and the plans of the statements inside the login function. */
import pg from 'pg'
import { memberIdSql, merchant, select } from './stores.ts'

export interface PageCounts {
  readonly logins: number
  /** By table and index: pages found in shared buffers, and pages requested from the operating system. */
  readonly relations: Readonly<Record<string, { readonly hit: number; readonly read: number }>>
}

const batchSize = 64
const tables = `('members', 'member_sessions', 'signed_requests')`

/** Counters of this database so far. The server's processes report within a second of being idle. */
export async function countPages(url: string): Promise<PageCounts> {
  const rows = await select(
    url,
    `select relname as name, heap_blks_hit::float8 as hit, heap_blks_read::float8 as read from pg_statio_user_tables where relname in ${tables}
     union all
     select indexrelname, idx_blks_hit::float8, idx_blks_read::float8 from pg_statio_user_indexes where relname in ${tables}`,
  )
  const [inserted] = await select(url, `select n_tup_ins::float8 as logins from pg_stat_user_tables where relname = 'signed_requests'`)
  const relations = Object.fromEntries(rows.map(({ name, hit, read }) => [String(name), { hit: Number(hit), read: Number(read) }]))
  return { logins: Number(inserted?.logins), relations }
}

/** Pages per login between two counts, one line per table or index. */
export function pagesPerLogin(before: PageCounts, after: PageCounts): string[] {
  const logins = after.logins - before.logins
  return Object.entries(after.relations).flatMap(([name, { hit, read }]) => {
    const earlier = before.relations[name] ?? { hit: 0, read: 0 }
    const [hits, reads] = [(hit - earlier.hit) / logins, (read - earlier.read) / logins]
    return hits + reads < 0.005 ? [] : [`${name} ${hits.toFixed(2)} in buffers, ${reads.toFixed(2)} read`]
  })
}

/**
 * Runs the login function on batches of random members, each rolled back, and returns the plans of its statements in the last one, with times and
 * buffers. Needs a role that may load auto_explain; reports it otherwise.
 */
export async function explainLogins(url: string, members: number): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  const notices: string[] = []
  client.on('notice', ({ message }) => notices.push(message ?? ''))
  await client.connect()
  try {
    await client.query(`load 'auto_explain'; set client_min_messages = log; set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on; set auto_explain.log_buffers = on`)
    for (let round = 0; round < 4; round++) {
      notices.length = 0
      await client.query('begin')
      await client.query(loginBatch(members))
      await client.query('rollback')
    }
  } catch (error) {
    return `no plans: ${(error as Error).message}`
  } finally {
    await client.end()
  }
  return notices.join('\n\n')
}

function loginBatch(members: number): string {
  const each = (value: string) => `array(select ${value} from generate_series(1, ${batchSize}) i)`
  const user = memberIdSql.postgres(`(1 + floor(random() * ${members})::bigint)`)
  const random = `decode(md5(random()::text || i), 'hex')`
  const now = 'floor(extract(epoch from now()) * 1000)::int8'
  const text = (value: string) => each(`${value}::text`)
  return `select login_batch_2(${[
    text(`'${merchant.agentId}'`),
    each(user),
    each(random),
    each(random),
    each(now),
    each(`''::bytea`),
    each(`${now} + 660000`),
    text(`'h5'`),
    text(`'en-US'`),
    text(`'VND2'`),
    text(`'101-DYfsRc'`),
    text('null'),
    each(now),
    each(`${now} + 86400000`),
    `array['Active']`,
  ].join(', ')})`
}
