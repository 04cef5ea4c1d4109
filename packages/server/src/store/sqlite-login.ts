import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { judgeLogin, type LoginFacts } from './judge-login.ts'
import type { LoginOutcome, LoginWrite } from './store.ts'

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

// Whether the row there may be replaced has been judged: the transaction has the file to itself.
const sessionSql = `
insert into member_sessions as s (
  token_hash, agent_id, user_id, platform, language, currency, game_code, callback, limits, custom_language, created_at, expires_at
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (token_hash) do update set
  agent_id = excluded.agent_id, user_id = excluded.user_id, platform = excluded.platform, language = excluded.language,
  currency = excluded.currency, game_code = excluded.game_code, callback = excluded.callback, limits = excluded.limits,
  custom_language = excluded.custom_language,
  created_at = case when s.expires_at <= excluded.created_at then excluded.created_at else min(s.created_at, excluded.created_at) end,
  expires_at = excluded.expires_at, ended_at = null, end_reason = null`

const requestSql = `
insert into signed_requests (timestamp, agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
values (?, ?, ?, 'login', ?, ?, ?)`

interface Statements {
  readonly facts: StatementSync
  readonly session: StatementSync
  readonly request: StatementSync
}

type FactsRow = [LoginFacts['memberStatus'], LoginFacts['request'], LoginFacts['session'], 0 | 1]

/** The hot path on SQLite: a batch of logins in one transaction, in one turn of the event loop. */
export class SqliteLogin {
  readonly #file: DatabaseSync
  #statements: Statements | undefined

  constructor(file: DatabaseSync) {
    this.#file = file
  }

  /** Needs the connection for itself. */
  write(batch: readonly LoginWrite[]): LoginOutcome[] {
    // Prepared on first use: before a migration the tables are not there.
    this.#statements ??= prepare(this.#file)
    const statements = this.#statements
    this.#file.exec('begin immediate')
    try {
      const outcomes = batch.map((login) => writeOne(statements, login))
      this.#file.exec('commit')
      return outcomes
    } catch (error) {
      if (this.#file.isTransaction) this.#file.exec('rollback')
      throw error
    }
  }
}

function prepare(file: DatabaseSync): Statements {
  const facts = file.prepare(factsSql)
  facts.setReturnArrays(true)
  return { facts, session: file.prepare(sessionSql), request: file.prepare(requestSql) }
}

function writeOne({ facts, session, request }: Statements, login: LoginWrite): LoginOutcome {
  const { agentId, signature, timestamp, unsignedDigest } = login.request
  const { userId, tokenHash, now } = login
  const row = facts.get(unsignedDigest, now, agentId, userId, agentId, userId, timestamp, agentId, signature, tokenHash)
  const [memberStatus, use, sessionState, sessionIsLater] = row as unknown as FactsRow
  const outcome = judgeLogin({ memberStatus, request: use, session: sessionState, sessionIsLater: sessionIsLater === 1 })
  if (outcome !== 'accepted') return outcome
  const { platform, language, currency, gameCode, callback, limits, customLanguage, expiresAt } = login
  session.run(tokenHash, agentId, userId, platform, language, currency, gameCode, callback, limits, customLanguage, now, expiresAt)
  request.run(timestamp, agentId, signature, unsignedDigest, now, login.request.expiresAt)
  return outcome
}
