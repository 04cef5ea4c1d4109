import type { Selectable } from 'kysely'
import type { SellerRecord, SellerStore } from '../store.ts'
import { type Database, larger } from './database.ts'
import { appendEvents } from './log.ts'
import { endSellerSessions } from './seller-sessions.ts'
import type { SellersTable } from './tables.ts'

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
          .values({
            id: seller.id,
            email: seller.email,
            password_hash: seller.passwordHash,
            status: seller.status,
            created_at: seller.createdAt,
            updated_at: seller.updatedAt,
            last_login_at: seller.lastLoginAt,
          })
          .onConflict((conflict) => conflict.column('email').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (added === undefined) return 'exists'
        await appendEvents(tx, [event])
        return 'added'
      }),

    findByEmail: (email) => findBy('email', email),
    findById: (id) => findBy('id', id),

    list: async ({ afterEmail, limit }) => {
      const rows = await database.run((db) => {
        const query = db.selectFrom('sellers').selectAll().orderBy('email').limit(limit)
        return (afterEmail === undefined ? query : query.where('email', '>', afterEmail)).execute()
      })
      return rows.map(toSeller)
    },

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
        await appendEvents(tx, [event])
        return true
      }),

    setPassword: (id, passwordHash, now, event) =>
      database.transaction(async (tx) => {
        const updated = await tx
          .updateTable('sellers')
          .set((is) => ({ password_hash: passwordHash, updated_at: larger(dialect, now, is('updated_at', '+', 1)) }))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        if (updated === undefined) return false
        await endSellerSessions(dialect, tx, { sellerId: id, reason: 'password', now })
        await appendEvents(tx, [event])
        return true
      }),

    replaceHash: async (id, oldHash, newHash) => {
      await database.run((db) =>
        db.updateTable('sellers').set({ password_hash: newHash }).where('id', '=', id).where('password_hash', '=', oldHash).execute(),
      )
    },

    isKnownAddress: async (id, addressKey) => {
      const row = await database.run((db) =>
        db
          .selectFrom('seller_addresses')
          .select('seller_id')
          .where('seller_id', '=', id)
          .where('address_key', '=', addressKey)
          .executeTakeFirst(),
      )
      return row !== undefined
    },
  }
}

function toSeller(row: Selectable<SellersTable>): SellerRecord {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLoginAt: row.last_login_at,
  }
}
