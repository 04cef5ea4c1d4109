import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import type { LoginCandidate, PasswordChange, SellerRecord, SellerStore } from '../store.ts'
import { beginsWith } from './begins-with.ts'
import { type Connection, chunks, type Database, forUpdate, larger } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { endSellerSessions } from './seller-sessions.ts'
import type { SellersTable, Tables } from './tables.ts'

export function sellerStore(database: Database): SellerStore {
  const { dialect } = database

  const findBy = async (column: 'id' | 'email', value: string): Promise<SellerRecord | null> => {
    const row = await database.run((db) => db.selectFrom('sellers').selectAll().where(column, '=', value).executeTakeFirst())
    return row === undefined ? null : toSeller(row)
  }

  return {
    add: (seller, event) =>
      database.transaction(async (tx) => {
        const added = await tx
          .insertInto('sellers')
          .values(sellerRow(seller))
          .onConflict((conflict) => conflict.column('email').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (added === undefined) return 'exists'
        await putLabels(tx, seller)
        await appendEvents(tx, [event])
        return 'added'
      }),

    addMany: (sellers, events) =>
      database.transaction(async (tx) => {
        // Events are in the order of their sellers.
        const eventOf = new Map(sellers.map(({ id }, index) => [id, events[index]]))
        let count = 0
        // In the order of their e-mails, so that two imports cannot deadlock.
        const ordered = sellers.toSorted((one, other) => (one.email < other.email ? -1 : Number(one.email > other.email)))
        for (const chunk of chunks(ordered, 100)) {
          const insert = tx.insertInto('sellers').values(chunk.map(sellerRow))
          const added = await insert
            .onConflict((conflict) => conflict.column('email').doNothing())
            .returning('id')
            .execute()
          count += added.length
          await appendEvents(
            tx,
            added.flatMap(({ id }) => eventOf.get(id) ?? []),
          )
        }
        return count
      }),

    countExisting: async (emails) => {
      let count = 0
      for (const chunk of chunks(emails)) {
        const found = await database.run((db) => db.selectFrom('sellers').select('id').where('email', 'in', chunk).execute())
        count += found.length
      }
      return count
    },

    findByEmail: (email) => findBy('email', email),
    findById: (id) => findBy('id', id),

    list: async ({ afterEmail, prefix, status, label, limit }) => {
      const rows = await database.run((db) => {
        // The column by which the index of the filter is sorted.
        const email = label === undefined ? 'sellers.email' : 'seller_labels.email'
        let page = db.selectFrom('sellers').selectAll('sellers').orderBy(sql.ref(email)).limit(limit)
        if (label !== undefined) {
          page = page
            .innerJoin('seller_labels', 'seller_labels.email', 'sellers.email')
            .where('seller_labels.label', '=', `${label.name}=${label.value}`) as typeof page
        }
        if (afterEmail !== undefined) page = page.where(sql<boolean>`${sql.ref(email)} > ${afterEmail}`)
        if (prefix !== undefined) page = page.where(beginsWith(email, prefix))
        // A literal, which lets the index of disabled sellers serve the query.
        if (status !== undefined) page = page.where('status', '=', sql.lit(status))
        return page.execute()
      })
      return rows.map(toSeller)
    },

    update: ({ id, email, labels, expectedUpdatedAt, updatedAt }, event) =>
      database.transaction(async (tx) => {
        const seller = await forUpdate(dialect, tx.selectFrom('sellers').selectAll().where('id', '=', id)).executeTakeFirst()
        if (seller === undefined) return 'not-found'
        if (seller.updated_at !== expectedUpdatedAt) return 'changed'
        const other = await tx.selectFrom('sellers').select('id').where('email', '=', email).where('id', '<>', id).executeTakeFirst()
        if (other !== undefined) return 'exists'
        await tx
          .updateTable('sellers')
          .set({ email, labels: JSON.stringify(labels), updated_at: updatedAt })
          .where('id', '=', id)
          .execute()
        await putLabels(tx, { email, labels })
        if (email !== seller.email) await tx.deleteFrom('password_resets').where('seller_id', '=', id).execute()
        await noteChange(tx, id, updatedAt)
        await appendEvents(tx, [event])
        return 'done'
      }),

    remove: (id, now, event) =>
      database.transaction(async (tx) => {
        // The seller's row first: concurrent logins finish before, and later ones find no seller.
        const seller = await forUpdate(dialect, tx.selectFrom('sellers').select('id').where('id', '=', id)).executeTakeFirst()
        if (seller === undefined) return 'not-found'
        const { from } = await tx
          .selectFrom('seller_sessions')
          .select((is) => is.fn.max('access_expires_at').as('from'))
          .where('seller_id', '=', id)
          .executeTakeFirstOrThrow()
        const live = await tx.selectFrom('seller_sessions').select('sid').where('seller_id', '=', id).where(isOpen(now)).executeTakeFirst()
        if (live !== undefined || (from ?? 0) > now) return { from: from ?? now }
        for (const table of ['seller_sessions', 'seller_addresses', 'password_resets'] as const) {
          await tx.deleteFrom(table).where('seller_id', '=', id).execute()
        }
        await tx.deleteFrom('sellers').where('id', '=', id).execute()
        await noteChange(tx, id, now)
        await appendEvents(tx, [event])
        return 'removed'
      }),

    setStatus: (id, status, now, event) =>
      database.transaction(async (tx) => {
        // `updated_at` always moves, so that a login that read the row before fails (SellerSessionStore.create).
        const updated = await tx
          .updateTable('sellers')
          .set((is) => ({ status, updated_at: larger(dialect, now, is('updated_at', '+', 1)) }))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        if (updated === undefined) return false
        if (status === 'disabled') await endSellerSessions(dialect, tx, { sellerId: id, reason: 'disabled', now })
        await noteChange(tx, id, now)
        await appendEvents(tx, [event])
        return true
      }),

    setPassword: (change, event) =>
      database.transaction(async (tx) => {
        if (!(await setPassword(database, tx, change))) return false
        await tx.deleteFrom('password_resets').where('seller_id', '=', change.id).execute()
        await appendEvents(tx, [event])
        return true
      }),

    putPasswordReset: ({ sellerId, tokenHash, expiresAt }, event) =>
      database.transaction(async (tx) => {
        const seller = tx.selectFrom('sellers').select('id').where('id', '=', sellerId)
        if ((await forUpdate(dialect, seller).executeTakeFirst()) === undefined) return false
        const token = { token_hash: tokenHash, expires_at: expiresAt }
        await tx
          .insertInto('password_resets')
          .values({ seller_id: sellerId, ...token })
          .onConflict((conflict) => conflict.column('seller_id').doUpdateSet(token))
          .execute()
        await appendEvents(tx, [event])
        return true
      }),

    findByPasswordReset: async (tokenHash, now) => {
      const row = await database.run((db) =>
        db
          .selectFrom('sellers')
          .innerJoin('password_resets', 'password_resets.seller_id', 'sellers.id')
          .selectAll('sellers')
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', now)
          .executeTakeFirst(),
      )
      return row === undefined ? null : toSeller(row)
    },

    usePasswordReset: ({ tokenHash, passwordHash, now }, event) =>
      database.transaction(async (tx) => {
        // This single statement decides who uses the token.
        const used = await tx
          .deleteFrom('password_resets')
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', now)
          .returning('seller_id')
          .executeTakeFirst()
        if (used === undefined || !(await setPassword(database, tx, { id: used.seller_id, passwordHash, now }))) return false
        await appendEvents(tx, [event])
        return true
      }),

    replaceHash: async (id, oldHash, newHash) => {
      await database.run((db) =>
        db.updateTable('sellers').set({ password_hash: newHash }).where('id', '=', id).where('password_hash', '=', oldHash).execute(),
      )
    },

    restore: async (sellers, now) => {
      let count = 0
      for (const seller of sellers) if (await database.transaction((tx) => restoreSeller(database, tx, seller, now))) count++
      return count
    },

    findForLogin: (attempt) => database.run((db) => findForLogin(db, attempt)),
  }
}

async function findForLogin(
  db: Connection,
  { email, addressKey, decoyFrom }: Parameters<SellerStore['findForLogin']>[0],
): Promise<LoginCandidate> {
  const { is_known, decoy_hash, ...row } = await db
    // Returns one row, whether the seller exists or not.
    .selectFrom(sql`(select 1)`.as('attempt'))
    .leftJoin('sellers', (join) => join.on('sellers.email', '=', email))
    .selectAll('sellers')
    .select((is) => [
      sql<boolean | number>`exists ${is
        .selectFrom('seller_addresses')
        .select(is.lit(1).as('one'))
        .where('seller_id', '=', is.fn.coalesce('sellers.id', is.val('')))
        .where('address_key', '=', addressKey)}`.as('is_known'),
      is.fn
        .coalesce(
          is.selectFrom('sellers as after').select('after.password_hash').where('after.id', '>=', decoyFrom).orderBy('after.id').limit(1),
          is.selectFrom('sellers as first').select('first.password_hash').orderBy('first.id').limit(1),
        )
        .as('decoy_hash'),
    ])
    .executeTakeFirstOrThrow()
  return {
    seller: row.id === null ? null : toSeller(row as Selectable<SellersTable>),
    isKnownAddress: Boolean(is_known),
    decoyHash: decoy_hash,
  }
}

/** In the caller's transaction. `updated_at` always moves, so that a login that read the row before fails. */
async function setPassword(
  { dialect }: Database,
  tx: Connection,
  { id, passwordHash, now, keptSid, updatedAt }: PasswordChange,
): Promise<boolean> {
  let update = tx
    .updateTable('sellers')
    .set((is) => ({ password_hash: passwordHash, updated_at: larger(dialect, now, is('updated_at', '+', 1)) }))
    .where('id', '=', id)
  if (updatedAt !== undefined) update = update.where('updated_at', '=', updatedAt)
  if ((await update.returning('id').executeTakeFirst()) === undefined) return false
  await endSellerSessions(dialect, tx, { sellerId: id, reason: 'password', now, keptSid })
  await noteChange(tx, id, now)
  return true
}

async function restoreSeller({ dialect }: Database, tx: Connection, seller: SellerRecord, now: number): Promise<boolean> {
  const { id, passwordHash, status, updatedAt } = seller
  const updated = await tx
    .updateTable('sellers')
    .set({ password_hash: passwordHash, status, updated_at: updatedAt })
    .where('id', '=', id)
    .where('updated_at', '<', updatedAt)
    .returning('id')
    .executeTakeFirst()
  if (updated === undefined) return false
  if (status === 'disabled') await endSellerSessions(dialect, tx, { sellerId: id, reason: 'disabled', now })
  await noteChange(tx, id, now)
  return true
}

/** Condition: the session can still be refreshed. */
function isOpen(now: number) {
  return (is: ExpressionBuilder<Tables, 'seller_sessions'>) =>
    is.and([is('ended_at', 'is', null), is('idle_expires_at', '>', now), is('absolute_expires_at', '>', now)])
}

async function putLabels(tx: Connection, { email, labels }: Pick<SellerRecord, 'email' | 'labels'>): Promise<void> {
  await tx.deleteFrom('seller_labels').where('email', '=', email).execute()
  const rows = Object.entries(labels).map(([name, value]) => ({ label: `${name}=${value}`, email }))
  if (rows.length > 0) await tx.insertInto('seller_labels').values(rows).execute()
}

async function noteChange(tx: Connection, id: string, at: number): Promise<void> {
  await appendChanges(tx, [{ topic: 'seller', subject: id, at, detail: null }])
}

function sellerRow(seller: SellerRecord) {
  return {
    id: seller.id,
    email: seller.email,
    password_hash: seller.passwordHash,
    status: seller.status,
    labels: JSON.stringify(seller.labels),
    created_at: seller.createdAt,
    updated_at: seller.updatedAt,
    last_login_at: seller.lastLoginAt,
  }
}

function toSeller(row: Selectable<SellersTable>): SellerRecord {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    status: row.status,
    labels: JSON.parse(row.labels),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLoginAt: row.last_login_at,
    needlessLogins: row.needless_logins,
  }
}
