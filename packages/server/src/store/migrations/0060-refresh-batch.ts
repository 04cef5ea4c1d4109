import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'

/**
 * The hot path of refreshes on PostgreSQL (sql/refresh-batch.ts). One row at a time, in the caller's order, so that batches of two nodes cannot
 * deadlock. Returns each family's absolute expiry where the presented token was its newest, else null.
 *
 * Sequential scans are off: the plan is made once per connection and must stay right when the table grows from nothing.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  if (dialect === 'sqlite') return
  await sql`
    create function refresh_batch_1(
      sids text[], presented_hashes bytea[], successor_hashes bytea[], nows int8[], issued_ats int8[], kids text[],
      idle_expiries int8[], access_expiries int8[]
    ) returns int8[] language plpgsql
      set enable_seqscan = off
      set plan_cache_mode = force_generic_plan
    as $$
    declare
      rotated int8[];
      expiry int8;
    begin
      for i in 1 .. cardinality(sids) loop
        update seller_sessions s set
          refresh_hash = successor_hashes[i], previous_refresh_hash = presented_hashes[i], issued_at = issued_ats[i], rotated_at = nows[i],
          kid = kids[i], idle_expires_at = idle_expiries[i], access_expires_at = greatest(s.access_expires_at, access_expiries[i])
        where s.sid = sids[i] and s.refresh_hash = presented_hashes[i] and s.ended_at is null
          and s.idle_expires_at > nows[i] and s.absolute_expires_at > nows[i]
        returning s.absolute_expires_at into expiry;
        rotated[i] := expiry;
      end loop;
      return rotated;
    end
    $$`.execute(tx)
}
