import { admittedStatuses } from '@lobbykey/contract'
import { sql } from 'kysely'
import { decideLogin, type LoginFacts } from './login-outcome.ts'
import { bytesArray, numberArray, textArray } from './postgres-array.ts'
import type { Lease } from './postgres-lease.ts'
import type { Connection } from './sql/database.ts'
import type { LoginOutcome, LoginWrite } from './store.ts'

const name = 'login_batch_2'
const text = 'select login_batch_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)'

/** A login that was not written, as the function returns it: position in the batch, then the facts. */
type OtherRow = [number, LoginFacts['memberStatus'], LoginFacts['request'], LoginFacts['session'], boolean]

/** The hot path on PostgreSQL: a batch of logins as one call of a function (migrations/0071-login-batch.ts), which commits by itself. */
export class PostgresLogin {
  readonly #preparedStatements: boolean

  constructor(preparedStatements: boolean) {
    this.#preparedStatements = preparedStatements
  }

  async write(client: Pick<Lease, 'query'>, batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    const sorted = sortByToken(batch)
    const query = { text, values: columnsOf(sorted.map(({ login }) => login)), rowMode: 'array' as const }
    const { rows } = await client.query<[OtherRow[] | null]>(this.#preparedStatements ? { ...query, name } : query)
    return outcomesOf(sorted, rows[0]?.[0] ?? [])
  }

  /** Runs inside the caller's transaction. */
  async writeWithin(tx: Connection, batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    const sorted = sortByToken(batch)
    const values = sql.join(columnsOf(sorted.map(({ login }) => login)))
    const { rows } = await sql<{ others: OtherRow[] | null }>`select login_batch_2(${values}) as others`.execute(tx)
    return outcomesOf(sorted, rows[0]?.others ?? [])
  }
}

interface Sorted {
  readonly login: LoginWrite
  /** Position in the caller's batch. */
  readonly index: number
}

/** Concurrent batches take their locks in one order, by token: a signature covers its token. */
function sortByToken(batch: readonly LoginWrite[]): Sorted[] {
  return batch.map((login, index) => ({ login, index })).sort((left, right) => compareBytes(left.login.tokenHash, right.login.tokenHash))
}

/** Digests differ in one of their first bytes. */
function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function outcomesOf(sorted: readonly Sorted[], others: readonly OtherRow[]): LoginOutcome[] {
  const outcomes = new Array<LoginOutcome>(sorted.length).fill('accepted')
  for (const [position, memberStatus, request, session, sessionIsLater] of others) {
    const outcome = decideLogin({ memberStatus, request, session, sessionIsLater })
    // Not written, yet nothing forbids it any more: the obstacle disappeared before its facts were read.
    outcomes[sorted[position]?.index ?? 0] = outcome === 'accepted' ? 'retry' : outcome
  }
  return outcomes
}

const admitted = textArray(admittedStatuses)

/** The function's arguments: one array per field, and the statuses that may log in. */
function columnsOf(batch: readonly LoginWrite[]): Buffer[] {
  return [
    textArray(batch.map((login) => login.request.agentId)),
    textArray(batch.map((login) => login.userId)),
    bytesArray(batch.map((login) => login.tokenHash)),
    bytesArray(batch.map((login) => login.request.signature)),
    numberArray(batch.map((login) => login.request.timestamp)),
    bytesArray(batch.map((login) => login.request.unsignedDigest)),
    numberArray(batch.map((login) => login.request.expiresAt)),
    textArray(batch.map((login) => login.platform)),
    textArray(batch.map((login) => login.language)),
    textArray(batch.map((login) => login.currency)),
    textArray(batch.map((login) => login.gameCode)),
    textArray(batch.map(({ opaque }) => (opaque === null ? null : JSON.stringify(opaque)))),
    numberArray(batch.map((login) => login.now)),
    numberArray(batch.map((login) => login.expiresAt)),
    admitted,
  ]
}
