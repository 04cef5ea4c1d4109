import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { loginBatchFunction } from './0071-login-batch.ts'
import { columnTypes } from './column-types.ts'

/**
 * One column of JSON text keeps the opaque fields of a session's login, so that a new field needs no migration.
 *
 * Nodes of the previous release run beside those of this one. They read and write `callback`, `limits`, `custom_language` and `amount`: this release
 * writes those as well, and reads them where `opaque` is null. When such a node renews a session that one of this release opened, `opaque` would keep
 * the values of the earlier login: a trigger clears it. A login that opens a session pays nothing for it.
 *
 * The next release does the second half: it fills `opaque` where it is null and an old column is not, and drops the trigger, `login_batch_1` and, in
 * sql/session-opaque.ts and a `login_batch_3`, the writes of the old columns. The one after drops those columns.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text } = columnTypes(dialect)
  await tx.schema.alterTable('member_sessions').addColumn('opaque', text).execute()
  if (dialect === 'sqlite') {
    await sql`
      create trigger member_session_opaque_stale after update of callback, limits, custom_language on member_sessions
      when old.opaque is not null and new.opaque is old.opaque
        and (new.callback is not old.callback or new.limits is not old.limits or new.custom_language is not old.custom_language)
      begin
        update member_sessions set opaque = null where token_hash = new.token_hash;
      end`.execute(tx)
    return
  }
  await sql`
    create function forget_stale_opaque() returns trigger language plpgsql as $$
    begin
      new.opaque := null;
      return new;
    end
    $$`.execute(tx)
  await sql`
    create trigger member_session_opaque_stale before update of callback, limits, custom_language on member_sessions
    for each row when (
      old.opaque is not null and new.opaque is not distinct from old.opaque
      and (new.callback, new.limits, new.custom_language) is distinct from (old.callback, old.limits, old.custom_language)
    )
    execute function forget_stale_opaque()`.execute(tx)
  await sql.raw(loginBatchFunction).execute(tx)
}
