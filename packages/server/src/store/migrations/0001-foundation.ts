import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { loginBatchFunction } from './0001-login-batch.ts'
import { type ColumnTypes, columnTypes } from './column-types.ts'

/** Everything that both logins need. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const types = columnTypes(dialect)
  await createMerchants(tx, types)
  await createMembers(tx, types)
  await createSellers(tx, types)
  await createServerTables(tx, types)
  await createCatalogue(tx, types)
  await createLogs(tx, dialect, types)
  if (dialect === 'postgres') await sql.raw(loginBatchFunction).execute(tx)
}

async function createMerchants(tx: Connection, { text, bytes, number, tableEnd }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('merchants')
    .addColumn('agent_id', text, (column) => column.primaryKey())
    .addColumn('status', text, (column) => column.notNull().check(sql`status in ('enabled', 'disabled')`))
    .addColumn('settings', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('merchant_keys')
    .addColumn('agent_id', text, (column) => column.notNull().references('merchants.agent_id'))
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('sealed', bytes, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('retired_at', number)
    .addPrimaryKeyConstraint('merchant_keys_pkey', ['agent_id', 'id'])
    .modifyEnd(tableEnd)
    .execute()
}

async function createMembers(tx: Connection, { text, bytes, number, tableEnd, keyedTableEnd }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('members')
    .addColumn('agent_id', text, (column) => column.notNull().references('merchants.agent_id'))
    .addColumn('user_id', text, (column) => column.notNull())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('description', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull().check(sql`status in ('Active', 'LockBet', 'LockAll')`))
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('members_pkey', ['agent_id', 'user_id'])
    .modifyEnd(tableEnd)
    .execute()
  // No foreign key to members: a login keeps its member's row locked while it writes, and members are never deleted.
  await tx.schema
    .createTable('member_sessions')
    .addColumn('token_hash', bytes, (column) => column.primaryKey())
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('user_id', text, (column) => column.notNull())
    .addColumn('platform', text, (column) => column.notNull())
    .addColumn('language', text, (column) => column.notNull())
    .addColumn('currency', text, (column) => column.notNull())
    .addColumn('game_code', text)
    .addColumn('callback', text)
    .addColumn('limits', text)
    .addColumn('custom_language', text)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addColumn('ended_at', number)
    .addColumn('end_reason', text)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('member_sessions_member').on('member_sessions').columns(['agent_id', 'user_id']).execute()
  await tx.schema.createIndex('member_sessions_expiry').on('member_sessions').column('expires_at').execute()
  // The timestamp comes first, so that inserts share one cached end of the index and the sweeper works at the other.
  await tx.schema
    .createTable('signed_requests')
    .addColumn('timestamp', number, (column) => column.notNull())
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('signature', bytes, (column) => column.notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('unsigned_digest', bytes, (column) => column.notNull())
    .addColumn('accepted_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('signed_requests_pkey', ['timestamp', 'agent_id', 'signature'])
    .modifyEnd(keyedTableEnd)
    .execute()
}

async function createSellers(tx: Connection, { text, bytes, number, tableEnd, keyedTableEnd }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('sellers')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('email', text, (column) => column.notNull().unique())
    .addColumn('password_hash', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull().check(sql`status in ('enabled', 'disabled')`))
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .addColumn('last_login_at', number)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('seller_addresses')
    .addColumn('seller_id', text, (column) => column.notNull().references('sellers.id'))
    .addColumn('address_key', text, (column) => column.notNull())
    .addColumn('seen_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('seller_addresses_pkey', ['seller_id', 'address_key'])
    .modifyEnd(keyedTableEnd)
    .execute()
  await tx.schema
    .createTable('seller_sessions')
    .addColumn('sid', text, (column) => column.primaryKey())
    .addColumn('seller_id', text, (column) => column.notNull().references('sellers.id'))
    .addColumn('refresh_hash', bytes, (column) => column.notNull())
    .addColumn('previous_refresh_hash', bytes)
    .addColumn('issued_at', number, (column) => column.notNull())
    .addColumn('rotated_at', number)
    .addColumn('kid', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('idle_expires_at', number, (column) => column.notNull())
    .addColumn('absolute_expires_at', number, (column) => column.notNull())
    .addColumn('access_expires_at', number, (column) => column.notNull())
    .addColumn('ended_at', number)
    .addColumn('end_reason', text)
    .addColumn('address', text)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('seller_sessions_seller').on('seller_sessions').columns(['seller_id', 'created_at']).execute()
  await tx.schema.createIndex('seller_sessions_expiry').on('seller_sessions').column('absolute_expires_at').execute()
  await tx.schema
    .createIndex('seller_sessions_revoked')
    .on('seller_sessions')
    .column('access_expires_at')
    .where(sql.ref('ended_at'), 'is not', null)
    .execute()
}

async function createServerTables(tx: Connection, { text, bytes, number, tableEnd, keyedTableEnd }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('meta')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('value', bytes, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('signing_keys')
    .addColumn('kid', text, (column) => column.primaryKey())
    .addColumn('public_jwk', text, (column) => column.notNull())
    .addColumn('sealed_private', bytes, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('active_at', number, (column) => column.notNull())
    .addColumn('retired_at', number)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('throttles')
    .addColumn('key', text, (column) => column.primaryKey())
    .addColumn('failures', number, (column) => column.notNull())
    .addColumn('last_failed_at', number, (column) => column.notNull())
    .addColumn('tat', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .modifyEnd(keyedTableEnd)
    .execute()
  await tx.schema.createIndex('throttles_expiry').on('throttles').column('expires_at').execute()
}

async function createCatalogue(tx: Connection, { text, number, tableEnd }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('catalogue_games')
    .addColumn('game_id', text, (column) => column.primaryKey())
    .addColumn('names', text, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('catalogue_tables')
    .addColumn('game_id', text, (column) => column.notNull())
    .addColumn('inst_id', text, (column) => column.notNull())
    .addColumn('names', text, (column) => column.notNull())
    .addColumn('status', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('catalogue_tables_pkey', ['game_id', 'inst_id'])
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('catalogue_limits')
    .addColumn('currency', text, (column) => column.notNull())
    .addColumn('game_id', text, (column) => column.notNull())
    .addColumn('red_id', text, (column) => column.notNull())
    .addColumn('min_limit', text, (column) => column.notNull())
    .addColumn('max_limit', text, (column) => column.notNull())
    .addColumn('seq', number, (column) => column.notNull())
    .addColumn('status', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('catalogue_limits_pkey', ['currency', 'game_id', 'red_id'])
    .modifyEnd(tableEnd)
    .execute()
}

async function createLogs(tx: Connection, dialect: Dialect, { text, number, tableEnd }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('events')
    .addColumn('id', number, (column) => (dialect === 'postgres' ? column.generatedAlwaysAsIdentity() : column).primaryKey())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('surface', text, (column) => column.notNull())
    .addColumn('agent_id', text)
    .addColumn('subject', text)
    .addColumn('address', text)
    .addColumn('request_id', text)
    .addColumn('code', text)
    .addColumn('count', number, (column) => column.notNull())
    .addColumn('details', text)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('events_kind').on('events').columns(['kind', 'id']).execute()
  await tx.schema.createIndex('events_agent').on('events').columns(['agent_id', 'id']).execute()
  await tx.schema.createIndex('events_subject').on('events').columns(['subject', 'id']).execute()
  await makeAppendOnly(tx, dialect)
  // AUTOINCREMENT, so that no number is reused after the sweeper deleted the newest row.
  await tx.schema
    .createTable('changes')
    .addColumn('seq', number, (column) =>
      dialect === 'postgres' ? column.generatedAlwaysAsIdentity().primaryKey() : column.primaryKey().autoIncrement(),
    )
    .addColumn('topic', text, (column) => column.notNull())
    .addColumn('subject', text, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
}

/** Events are evidence: not even a bug of this program can change or delete one. */
async function makeAppendOnly(tx: Kysely<never> | Connection, dialect: Dialect): Promise<void> {
  const statements =
    dialect === 'postgres'
      ? [
          `create function events_are_append_only() returns trigger language plpgsql as
           $$ begin raise exception 'events are append-only'; end $$`,
          `create trigger events_append_only before update or delete or truncate on events
           for each statement execute function events_are_append_only()`,
        ]
      : ['update', 'delete'].map(
          (verb) => `create trigger events_no_${verb} before ${verb} on events
                     begin select raise(abort, 'events are append-only'); end`,
        )
  for (const statement of statements) await sql.raw(statement).execute(tx)
}
