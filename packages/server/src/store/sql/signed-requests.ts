import type { SignedOutcome, SignedRequest } from '../store.ts'
import type { Connection, Database } from './database.ts'

/**
 * Runs `work` in one transaction with the replay row of its request. The row is inserted first, so that a repeat on another node waits there for the
 * decision. Any outcome of `work` except `done` rolls everything back, the row included: only successes are remembered.
 */
export async function runSigned<T extends string>(
  database: Database,
  request: SignedRequest | null,
  now: number,
  work: (tx: Connection) => Promise<'done' | T>,
): Promise<SignedOutcome | T> {
  try {
    return await database.transaction(async (tx) => {
      const earlier = request === null ? null : await claim(tx, request, now)
      if (earlier !== null) return earlier
      const outcome = await work(tx)
      if (outcome !== 'done') throw new Rollback(outcome)
      return outcome
    })
  } catch (error) {
    if (error instanceof Rollback) return error.outcome as T
    throw error
  }
}

/** Carries an outcome out of a rolled-back transaction. */
class Rollback extends Error {
  readonly outcome: string

  constructor(outcome: string) {
    super(outcome)
    this.outcome = outcome
  }
}

/** Null when the request is new and now remembered. */
async function claim(tx: Connection, request: SignedRequest, now: number): Promise<'repeated' | 'reused' | null> {
  const { timestamp, agentId, signature, endpoint, unsignedDigest, expiresAt } = request
  const claimed = await tx
    .insertInto('signed_requests')
    .values({
      timestamp,
      agent_id: agentId,
      signature,
      endpoint,
      unsigned_digest: unsignedDigest,
      accepted_at: now,
      expires_at: expiresAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('timestamp')
    .executeTakeFirst()
  if (claimed !== undefined) return null
  const same = await tx
    .selectFrom('signed_requests')
    .select('timestamp')
    .where('timestamp', '=', timestamp)
    .where('agent_id', '=', agentId)
    .where('signature', '=', signature)
    .where('endpoint', '=', endpoint)
    .where('unsigned_digest', '=', unsignedDigest)
    .executeTakeFirst()
  return same === undefined ? 'reused' : 'repeated'
}
