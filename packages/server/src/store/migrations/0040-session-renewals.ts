import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'

/**
 * A login under the token of a live session renews that session, and processes that cache it must be notified. A trigger does so in the login's own
 * transaction, at no cost to a login that opens a session. The time is the database's: only the sweeping of changes uses it.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  if (dialect === 'sqlite') {
    await sql`
      create trigger member_session_renewed after update of expires_at on member_sessions
      when old.expires_at <> new.expires_at and old.ended_at is null
      begin
        insert into changes (topic, subject, at)
        values ('member-session', lower(hex(new.token_hash)), cast(unixepoch('subsec') * 1000 as integer));
      end`.execute(tx)
    return
  }
  await sql`
    create function note_session_renewal() returns trigger language plpgsql as $$
    begin
      insert into changes (topic, subject, at)
      values ('member-session', encode(new.token_hash, 'hex'), (extract(epoch from clock_timestamp()) * 1000)::int8);
      return null;
    end
    $$`.execute(tx)
  await sql`
    create trigger member_session_renewed after update of expires_at on member_sessions
    for each row when (old.expires_at <> new.expires_at and old.ended_at is null)
    execute function note_session_renewal()`.execute(tx)
}
