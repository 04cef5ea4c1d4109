import { sql } from 'kysely'
import type { LobbyTicket, MemberSession } from '../store.ts'
import { type Connection, chunks, type Database } from './database.ts'
import { isLive } from './session-ends.ts'
import { toSession } from './session-row.ts'

/** See MemberSessionStore. The first of concurrent callers clears the hash; the others find no row. */
export async function redeemTicket(
  database: Database,
  { agentId, ticketHash, usedHash }: { readonly agentId: string; readonly ticketHash: Uint8Array; readonly usedHash: Uint8Array | null },
  now: number,
): Promise<MemberSession | null> {
  const row = await database.run((db) =>
    db
      .updateTable('member_sessions')
      .set({ ticket_hash: usedHash, entered_at: now, ...(usedHash === null ? { ticket_expires_at: null } : {}) })
      .where('ticket_hash', '=', ticketHash)
      .where('agent_id', '=', agentId)
      .where('ticket_expires_at', '>', now)
      .where(isLive(now))
      .returningAll()
      .executeTakeFirst(),
  )
  if (row !== undefined) return toSession(row)
  return usedHash === null ? null : findUsed(database, agentId, usedHash, now)
}

async function findUsed(database: Database, agentId: string, usedHash: Uint8Array, now: number): Promise<MemberSession | null> {
  const row = await database.run((db) =>
    db
      .selectFrom('member_sessions')
      .selectAll()
      .where('ticket_hash', '=', usedHash)
      .where('agent_id', '=', agentId)
      .where('ticket_expires_at', '>', now)
      .where(isLive(now))
      .executeTakeFirst(),
  )
  return row === undefined ? null : toSession(row)
}

/** Gives each session its new ticket, in the caller's transaction. Voids the previous one. */
export async function writeTickets(
  { dialect }: Database,
  tx: Connection,
  tickets: readonly (LobbyTicket & { readonly tokenHash: Uint8Array })[],
): Promise<void> {
  // Gives PostgreSQL the types of the value list, which it cannot infer.
  const bytes = dialect === 'postgres' ? sql`bytea` : sql`blob`
  for (const chunk of chunks(tickets)) {
    const rows = chunk.map(
      (ticket) => sql`(cast(${ticket.tokenHash} as ${bytes}), cast(${ticket.hash} as ${bytes}), cast(${ticket.expiresAt} as bigint))`,
    )
    await sql`
      update member_sessions set ticket_hash = t.column2, ticket_expires_at = t.column3
      from (values ${sql.join(rows)}) as t where member_sessions.token_hash = t.column1 and ended_at is null`.execute(tx)
  }
}
