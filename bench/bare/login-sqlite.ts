/** Bare member login on node:sqlite, WAL, synchronous=FULL: one transaction an event-loop turn, over a copy of the gateway's tables. */
import { DatabaseSync } from 'node:sqlite'
import { accept, type BareLogin, refuse, serveBareLogins } from './member-login.ts'

const sessionMs = 86_400_000
const requestMs = 660_000

const database = new DatabaseSync(process.env.DATABASE_PATH ?? '')
database.exec('pragma journal_mode = wal; pragma synchronous = full')
const begin = database.prepare('begin immediate')
const commit = database.prepare('commit')
const findStatus = database.prepare('select status from members where agent_id = ? and user_id = ?')
findStatus.setReturnArrays(true)
const addRequest = database.prepare(
  `insert into signed_requests (timestamp, agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
   values (?, ?, ?, 'login', x'', ?, ?) on conflict do nothing`,
)
const addSession = database.prepare(
  `insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, created_at, expires_at)
   values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
)

let queue: BareLogin[] = []

function write(login: BareLogin): void {
  if (queue.push(login) === 1) setImmediate(writeAll)
}

function writeAll(): void {
  const batch = queue
  queue = []
  begin.run()
  const written = batch.map(writeOne)
  commit.run()
  batch.forEach((login, index) => {
    if (written[index]) accept(login)
    else refuse(login.response)
  })
}

function writeOne({ agentId, userId, timestamp, sign, platform, language, currency, gameCode }: BareLogin): boolean {
  const row = findStatus.get(agentId, userId) as unknown as [string] | undefined
  if (row === undefined || row[0] === 'LockAll') return false
  const signature = Buffer.from(sign, 'hex')
  const now = Date.now()
  if (addRequest.run(timestamp, agentId, signature, now, timestamp + requestMs).changes === 0) return false
  return addSession.run(signature, agentId, userId, platform, language, currency, gameCode, now, now + sessionMs).changes === 1
}

serveBareLogins(write)
