import { sql } from 'kysely'
import { bytesArray, textArray } from '../postgres-array.ts'
import type { AccessTokenUse } from '../store.ts'
import type { Database } from './database.ts'

/** See SellerSessionStore. A family that was never refreshed has no earlier refresh token to which this matters. */
export async function noteAccessTokenUses(database: Database, uses: readonly AccessTokenUse[]): Promise<void> {
  if (uses.length === 0) return
  if (database.dialect === 'postgres') {
    const sids = textArray(uses.map(({ sid }) => sid))
    const hashes = bytesArray(uses.map(({ accessHash }) => accessHash))
    // Rows are locked in one order on every node, so that statements cannot deadlock.
    await database.run((db) =>
      sql`
        with uses as (select * from unnest(${sids}::text[], ${hashes}::bytea[]) as u(sid, access_hash)),
          due as materialized (
            select s.sid from seller_sessions s join uses u on u.sid = s.sid
            where s.previous_refresh_hash is not null and s.ended_at is null
              and s.presented_access_hash is distinct from u.access_hash
            order by s.sid for update of s
          )
        update seller_sessions s set presented_access_hash = u.access_hash from due join uses u on u.sid = due.sid where s.sid = due.sid
      `.execute(db),
    )
    return
  }
  await database.transaction(async (tx) => {
    for (const { sid, accessHash } of uses) {
      await tx
        .updateTable('seller_sessions')
        .set({ presented_access_hash: accessHash })
        .where('sid', '=', sid)
        .where('previous_refresh_hash', 'is not', null)
        .where('ended_at', 'is', null)
        .execute()
    }
  })
}
