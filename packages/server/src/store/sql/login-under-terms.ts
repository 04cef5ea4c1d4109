import type { ExpressionBuilder } from 'kysely'
import type { LoginOutcome, LoginWrite } from '../store.ts'
import { type Connection, type Database, forUpdate } from './database.ts'
import { writeTickets } from './lobby-tickets.ts'
import { appendEvents } from './log.ts'
import { endSessions } from './session-ends.ts'
import type { Tables } from './tables.ts'

/**
 * A batch of logins with terms: one session per member, or a lobby ticket. Wraps the hot path's statement in a transaction.
 *
 * Where a member may have one session, its row is locked first: two logins of one member, on any nodes, run one after the other, and the second sees
 * the first one's session. Logins that only read the member's row wait, too.
 */
export function loginUnderTerms(database: Database, batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
  return database.transaction(async (tx) => {
    const exclusive = batch.filter((login) => isExclusive(login))
    await lockMembers(database, tx, exclusive)
    const refused = await findRefused(tx, exclusive)
    const admitted = batch.filter((login) => !refused.has(login))
    const outcomes = admitted.length === 0 ? [] : await database.loginWithin(tx, admitted)
    await endReplaced(
      database,
      tx,
      admitted.filter((login, index) => login.terms?.sessions === 'newest-wins' && outcomes[index] === 'accepted'),
    )
    await writeTickets(
      database,
      tx,
      admitted.flatMap(({ tokenHash, terms }, index) => {
        const isOpen = outcomes[index] === 'accepted' || outcomes[index] === 'repeated'
        return isOpen && terms?.ticket ? [{ ...terms.ticket, tokenHash }] : []
      }),
    )
    let next = 0
    return batch.map((login) => (refused.has(login) ? 'refused' : (outcomes[next++] ?? 'refused')))
  })
}

function isExclusive({ terms }: LoginWrite): boolean {
  return terms !== undefined && terms.sessions !== 'many'
}

/** In the order in which the hot path's statement locks them. */
async function lockMembers({ dialect }: Database, tx: Connection, logins: readonly LoginWrite[]): Promise<void> {
  if (dialect === 'sqlite' || logins.length === 0) return
  const members = tx.selectFrom('members').select('user_id').where(isMemberOf(logins))
  await forUpdate(dialect, members.orderBy('agent_id').orderBy('user_id')).execute()
}

/**
 * Under `refuse`: logins whose member has another live session. A session under the same token does not count: a repeat or a renewal continues and is
 * judged like any login.
 */
async function findRefused(tx: Connection, logins: readonly LoginWrite[]): Promise<ReadonlySet<LoginWrite>> {
  const strict = logins.filter(({ terms }) => terms?.sessions === 'refuse')
  if (strict.length === 0) return new Set()
  const rows = await tx
    .selectFrom('member_sessions')
    .select(['agent_id', 'user_id', 'token_hash', 'expires_at'])
    .where(isMemberOf(strict))
    .where('ended_at', 'is', null)
    .execute()
  return new Set(
    strict.filter((login) => {
      const live = rows.filter(
        (row) => row.agent_id === login.request.agentId && row.user_id === login.userId && row.expires_at > login.now,
      )
      return live.length > 0 && !live.some((row) => Buffer.compare(row.token_hash, login.tokenHash) === 0)
    }),
  )
}

/** Under `newest-wins`: ends all other sessions of the members that have just logged in. */
async function endReplaced({ dialect }: Database, tx: Connection, logins: readonly LoginWrite[]): Promise<void> {
  const [first] = logins
  if (first === undefined) return
  const others = tx
    .selectFrom('member_sessions')
    .where(isMemberOf(logins))
    .where(
      'token_hash',
      'not in',
      logins.map((login) => login.tokenHash),
    )
  const ended = await endSessions(dialect, tx, others, { reason: 'replaced', now: first.now })
  await appendEvents(
    tx,
    ended.map(({ agentId, userId }) => ({
      at: first.now,
      kind: 'member.session_replaced',
      surface: 'member-api',
      agentId,
      subject: userId,
    })),
  )
}

function isMemberOf(logins: readonly LoginWrite[]) {
  return (is: ExpressionBuilder<Tables, 'members' | 'member_sessions'>) =>
    is.or(logins.map(({ request, userId }) => is.and([is('agent_id', '=', request.agentId), is('user_id', '=', userId)])))
}
