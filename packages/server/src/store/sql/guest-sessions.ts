import type { GuestWrite } from '../store.ts'
import { type Connection, type Database, forUpdate } from './database.ts'
import { writeTickets } from './lobby-tickets.ts'
import { isLive } from './session-ends.ts'
import { toOpaqueColumns } from './session-opaque.ts'
import { runSigned } from './signed-requests.ts'

/** See MemberSessionStore. Reads no member, since a guest has none. */
export async function openGuest(database: Database, guest: GuestWrite): Promise<'accepted' | 'repeated' | 'refused'> {
  const outcome = await runSigned(database, guest.request, guest.now, async (tx) => {
    await insertGuest(tx, guest)
    return 'done'
  })
  if (outcome === 'done') return 'accepted'
  return outcome === 'repeated' && (await renewTicket(database, guest)) ? 'repeated' : 'refused'
}

async function insertGuest(tx: Connection, guest: GuestWrite): Promise<void> {
  await tx
    .insertInto('member_sessions')
    .values({
      token_hash: guest.tokenHash,
      kind: 'guest',
      agent_id: guest.request.agentId,
      user_id: guest.userId,
      platform: guest.platform,
      language: guest.language,
      currency: guest.currency,
      game_code: guest.gameCode,
      ...toOpaqueColumns(guest.opaque),
      ticket_hash: guest.ticket?.hash ?? null,
      ticket_expires_at: guest.ticket?.expiresAt ?? null,
      created_at: guest.now,
      expires_at: guest.expiresAt,
    })
    .execute()
}

/** False when the session has ended or expired. */
function renewTicket(database: Database, { tokenHash, ticket, now }: GuestWrite): Promise<boolean> {
  return database.transaction(async (tx) => {
    const live = tx.selectFrom('member_sessions').select('token_hash').where('token_hash', '=', tokenHash).where(isLive(now))
    if ((await forUpdate(database.dialect, live).executeTakeFirst()) === undefined) return false
    if (ticket !== null) await writeTickets(database, tx, [{ ...ticket, tokenHash }])
    return true
  })
}
