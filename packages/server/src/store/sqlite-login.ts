import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { admittedStatuses } from '@lobbykey/contract'
import { decideLogin, type LoginFacts } from './login-outcome.ts'
import { toOpaqueColumns } from './sql/session-opaque.ts'
import type { LoginOutcome, LoginWrite } from './store.ts'

const admittedList = admittedStatuses.map((name) => `'${name}'`).join(', ')
const admittedSql = `select 1 from members where agent_id = ? and user_id = ? and status in (${admittedList})`

const requestSql = `
insert into signed_requests (timestamp, agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
values (?, ?, ?, 'login', ?, ?, ?)
on conflict do nothing`

const forgetSql = 'delete from signed_requests where timestamp = ? and agent_id = ? and signature = ?'

const sessionSql = `
insert into member_sessions as s (
  token_hash, agent_id, user_id, platform, language, currency, game_code, opaque, callback, limits, custom_language, created_at, expires_at
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (token_hash) do update set
  agent_id = excluded.agent_id, user_id = excluded.user_id, platform = excluded.platform, language = excluded.language,
  currency = excluded.currency, game_code = excluded.game_code, opaque = excluded.opaque, callback = excluded.callback,
  limits = excluded.limits, custom_language = excluded.custom_language,
  created_at = case when s.expires_at <= excluded.created_at then excluded.created_at else min(s.created_at, excluded.created_at) end,
  expires_at = excluded.expires_at, ended_at = null, end_reason = null
where s.expires_at <= excluded.created_at
  or (s.agent_id = excluded.agent_id and s.user_id = excluded.user_id and s.ended_at is null)`

const factsSql = `
select
  m.status,
  case when r.accepted_at is null then 'unused' when r.endpoint = 'login' and r.unsigned_digest = ? then 'same' else 'other' end,
  case
    when s.expires_at is null or s.expires_at <= ? then 'free'
    when s.agent_id = ? and s.user_id = ? and s.ended_at is null then 'own'
    else 'taken'
  end,
  coalesce(s.created_at > r.accepted_at, 0)
from (select 1)
left join members m on m.agent_id = ? and m.user_id = ?
left join signed_requests r on r.timestamp = ? and r.agent_id = ? and r.signature = ?
left join member_sessions s on s.token_hash = ?`

type FactsRow = [LoginFacts['memberStatus'], LoginFacts['request'], LoginFacts['session'], 0 | 1]

interface Statements {
  readonly admitted: StatementSync
  readonly request: StatementSync
  readonly forget: StatementSync
  readonly session: StatementSync
  readonly facts: StatementSync
}

/**
 * The hot path on SQLite: a batch of logins in one transaction, in one turn of the event loop. As on PostgreSQL, constraints decide, and facts are
 * read only for logins that were not written.
 */
export class SqliteLogin {
  readonly #file: DatabaseSync
  #statements: Statements | undefined

  constructor(file: DatabaseSync) {
    this.#file = file
  }

  /** Needs the connection for itself. */
  write(batch: readonly LoginWrite[]): LoginOutcome[] {
    this.#file.exec('begin immediate')
    try {
      const outcomes = this.writeWithin(batch)
      this.#file.exec('commit')
      return outcomes
    } catch (error) {
      if (this.#file.isTransaction) this.#file.exec('rollback')
      throw error
    }
  }

  /** Runs inside the caller's transaction. */
  writeWithin(batch: readonly LoginWrite[]): LoginOutcome[] {
    // Prepared on first use: before a migration the tables may not exist.
    this.#statements ??= prepare(this.#file)
    const statements = this.#statements
    return batch.map((login) => (writeOne(statements, login) ? 'accepted' : refusalOf(statements, login)))
  }
}

function prepare(file: DatabaseSync): Statements {
  const facts = file.prepare(factsSql)
  facts.setReturnArrays(true)
  return {
    admitted: file.prepare(admittedSql),
    request: file.prepare(requestSql),
    forget: file.prepare(forgetSql),
    session: file.prepare(sessionSql),
    facts,
  }
}

/** Writes replay row and session, or neither. */
function writeOne({ admitted, request, forget, session }: Statements, login: LoginWrite): boolean {
  const { agentId, signature, timestamp, unsignedDigest } = login.request
  const { userId, tokenHash, platform, language, currency, gameCode, now, expiresAt } = login
  if (admitted.get(agentId, userId) === undefined) return false
  if (request.run(timestamp, agentId, signature, unsignedDigest, now, login.request.expiresAt).changes === 0) return false
  const { opaque, callback, limits, custom_language } = toOpaqueColumns(login.opaque)
  const fields = [platform, language, currency, gameCode, opaque, callback, limits, custom_language] as const
  if (session.run(tokenHash, agentId, userId, ...fields, now, expiresAt).changes === 1) return true
  forget.run(timestamp, agentId, signature)
  return false
}

/** Why a login was not written. */
function refusalOf({ facts }: Statements, { request, userId, tokenHash, now }: LoginWrite): LoginOutcome {
  const { agentId, signature, timestamp, unsignedDigest } = request
  const row = facts.get(unsignedDigest, now, agentId, userId, agentId, userId, timestamp, agentId, signature, tokenHash)
  const [memberStatus, use, session, sessionIsLater] = row as unknown as FactsRow
  return decideLogin({ memberStatus, request: use, session, sessionIsLater: sessionIsLater === 1 })
}
