/**
 * Bare member login on PostgreSQL, durable, on a copy of the gateway's own tables.
 *
 * WRITE=group: concurrent logins share one statement and one commit: member's status, replay row, session row. WRITE=each: the same for each request
 * separately, in a statement for one. WRITE=session: one INSERT of the session per request; no replay row, no member lookup.
 */
import pg from 'pg'
import { accept, type BareLogin, refuse, serveBareLogins } from './member-login.ts'

const sessionMs = 86_400_000
const requestMs = 660_000
const batchMax = 256
/** Concurrent batches. */
const lanes = 2
/** Lanes divide the waiting logins, or one would idle while the other writes everything. */
const shareMin = 8
/** Connections when every request has its own statement. */
const connectionsMax = 20

const isGrouped = process.env.WRITE === 'group'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL ?? '', max: isGrouped ? lanes : connectionsMax })

/** One statement: writes the logins whose member may log in and whose signature is new, and returns them. */
const groupStatement = `
with i as (
  select * from unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
    as t(agent_id, user_id, signature, "timestamp", platform, language, currency, game_code)
), allowed as (
  select i.* from i join members m on m.agent_id = i.agent_id and m.user_id = i.user_id where m.status <> 'LockAll'
), fresh as (
  insert into signed_requests ("timestamp", agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
  select "timestamp", agent_id, signature, 'login', '', $9, "timestamp" + ${requestMs} from allowed
  on conflict do nothing
  returning signature
)
insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, created_at, expires_at)
select signature, agent_id, user_id, platform, language, currency, game_code, $9, $9 + ${sessionMs}
from allowed where signature in (select signature from fresh)
on conflict do nothing
returning 1`

const eachStatement = `
with fresh as (
  insert into signed_requests ("timestamp", agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
  select $4::bigint, $2::text, $1::bytea, 'login', '', $9::bigint, $4 + ${requestMs} from members where agent_id = $2 and user_id = $3 and status <> 'LockAll'
  on conflict do nothing
  returning 1
)
insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, created_at, expires_at)
select $1, $2, $3::text, $5::text, $6::text, $7::text, $8::text, $9, $9 + ${sessionMs} from fresh
on conflict do nothing`

const sessionStatement = `
insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

function writeSession(login: BareLogin): void {
  const { agentId, userId, sign, platform, language, currency, gameCode, response } = login
  const now = Date.now()
  const values = [Buffer.from(sign, 'hex'), agentId, userId, platform, language, currency, gameCode, now, now + sessionMs]
  pool.query({ name: 'session', text: sessionStatement, values }).then(
    () => accept(login),
    () => refuse(response),
  )
}

function writeEach(login: BareLogin): void {
  const { agentId, userId, sign, timestamp, platform, language, currency, gameCode, response } = login
  const values = [Buffer.from(sign, 'hex'), agentId, userId, timestamp, platform, language, currency, gameCode, Date.now()]
  pool.query({ name: 'each', text: eachStatement, values }).then(
    ({ rowCount }) => (rowCount === 1 ? accept(login) : refuse(response)),
    () => refuse(response),
  )
}

let queue: BareLogin[] = []
let busy = 0
let underWay = 0
let scheduled = false

function writeGrouped(login: BareLogin): void {
  queue.push(login)
  schedule()
}

function schedule(): void {
  if (scheduled || busy >= lanes || queue.length === 0) return
  scheduled = true
  setImmediate(() => {
    scheduled = false
    const most = Math.min(batchMax, Math.max(shareMin, Math.ceil((queue.length + underWay) / lanes)))
    const batch = queue.length <= most ? queue : queue.slice(0, most)
    queue = queue.length <= most ? [] : queue.slice(most)
    busy++
    underWay += batch.length
    commit(batch)
      .catch(() => {
        for (const { response } of batch) refuse(response)
      })
      .finally(() => {
        busy--
        underWay -= batch.length
        schedule()
      })
    schedule()
  })
}

async function commit(batch: readonly BareLogin[]): Promise<void> {
  const { rowCount } = await pool.query({
    name: 'group',
    text: groupStatement,
    values: [
      list(batch, (login) => login.agentId),
      list(batch, (login) => login.userId),
      list(batch, (login) => `"\\\\x${login.sign}"`),
      list(batch, (login) => login.timestamp),
      list(batch, (login) => login.platform),
      list(batch, (login) => login.language),
      list(batch, (login) => login.currency),
      list(batch, (login) => login.gameCode),
      Date.now(),
    ],
  })
  for (const login of batch) {
    if (rowCount === batch.length) accept(login)
    else refuse(login.response)
  }
}

/** An array literal. The generator's values need no quoting. */
function list(batch: readonly BareLogin[], pick: (login: BareLogin) => string | number): string {
  let literal = ''
  for (const login of batch) literal += `,${pick(login)}`
  return `{${literal.slice(1)}}`
}

serveBareLogins(isGrouped ? writeGrouped : process.env.WRITE === 'each' ? writeEach : writeSession)
