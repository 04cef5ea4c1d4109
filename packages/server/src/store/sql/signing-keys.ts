import type { EventInput, SigningKeyRecord, SigningKeyStore } from '../store.ts'
import { type Connection, type Database, lockTable } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'

export function signingKeyStore(database: Database): SigningKeyStore {
  /** Changes to keys are exclusive, so that what they read stays true. */
  const exclusively = <T>(work: (tx: Connection) => Promise<T>): Promise<T> =>
    database.transaction(async (tx) => {
      await lockTable(database.dialect, tx, 'signing_keys')
      return await work(tx)
    })
  return {
    list: () => database.run(listKeys),

    addFirst: (key, event) =>
      exclusively(async (tx) => {
        const held = await listKeys(tx)
        if (held.length > 0) return held
        await insert(tx, key, event)
        return await listKeys(tx)
      }),

    addNext: (key, knownCount, event) =>
      exclusively(async (tx) => {
        if ((await listKeys(tx)).length !== knownCount) return false
        await insert(tx, key, event)
        return true
      }),

    noteTokenLife: async (tokenLifeMs) => {
      await database.run((db) =>
        db
          .updateTable('signing_keys')
          .set({ token_life_ms: tokenLifeMs })
          .where('retired_at', 'is', null)
          .where('token_life_ms', '<', tokenLifeMs)
          .execute(),
      )
    },

    retire: (kid, now, event, verify) =>
      exclusively(async (tx) => {
        const keys = await listKeys(tx)
        verify?.(keys)
        const inUse = keys.filter(({ retiredAt }) => retiredAt === null)
        if (!inUse.some((key) => key.kid === kid)) return 'not-found'
        if (!inUse.some((key) => key.kid !== kid && key.activeAt <= now)) return 'last-key'
        await tx.updateTable('signing_keys').set({ retired_at: now }).where('kid', '=', kid).execute()
        await note(tx, kid, event)
        return 'retired'
      }),

    restore: (keys, now) => {
      const epochs = new Set(keys.map(({ epoch }) => epoch))
      return exclusively(async (tx) => {
        const held = new Map((await listKeys(tx)).map((key) => [key.kid, key]))
        const isReset = [...held.values()].some(({ epoch }) => !epochs.has(epoch))
        let count = 0
        for (const key of keys) {
          const known = held.get(key.kid)
          if (known === undefined) {
            await insertRow(tx, isReset ? { ...key, retiredAt: key.retiredAt ?? now } : key)
          } else if (known.retiredAt === null && key.retiredAt !== null) {
            await tx.updateTable('signing_keys').set({ retired_at: key.retiredAt }).where('kid', '=', key.kid).execute()
          } else continue
          count++
          await noteChange(tx, key.kid, now)
        }
        return count
      })
    },

    reset: (key, event) =>
      exclusively(async (tx) => {
        await tx.updateTable('signing_keys').set({ retired_at: event.at }).where('retired_at', 'is', null).execute()
        await insert(tx, key, event)
      }),
  }
}

async function insert(tx: Connection, key: SigningKeyRecord, event: EventInput): Promise<void> {
  await insertRow(tx, key)
  await note(tx, key.kid, event)
}

async function insertRow(tx: Connection, key: SigningKeyRecord): Promise<void> {
  await tx
    .insertInto('signing_keys')
    .values({
      kid: key.kid,
      public_jwk: key.publicJwk,
      sealed_private: key.sealedPrivate,
      created_at: key.createdAt,
      active_at: key.activeAt,
      retired_at: key.retiredAt,
      token_life_ms: key.tokenLifeMs,
      epoch: key.epoch,
    })
    .execute()
}

async function note(tx: Connection, kid: string, event: EventInput): Promise<void> {
  await appendEvents(tx, [event])
  await noteChange(tx, kid, event.at)
}

async function noteChange(tx: Connection, kid: string, at: number): Promise<void> {
  await appendChanges(tx, [{ topic: 'signing-key', subject: kid, at, detail: null }])
}

async function listKeys(db: Connection): Promise<SigningKeyRecord[]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at').orderBy('kid').execute()
  return rows.map((row) => ({
    kid: row.kid,
    publicJwk: row.public_jwk,
    sealedPrivate: row.sealed_private,
    createdAt: row.created_at,
    activeAt: row.active_at,
    retiredAt: row.retired_at,
    tokenLifeMs: row.token_life_ms,
    epoch: row.epoch,
  }))
}
