import type { SigningKeyRecord, SigningKeyStore } from '../store.ts'
import { type Connection, type Database, lockTable } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'

export function signingKeyStore(database: Database): SigningKeyStore {
  return {
    list: () => database.run(listKeys),

    addFirst: (key, event) =>
      database.transaction(async (tx) => {
        await lockTable(database.dialect, tx, 'signing_keys')
        const held = await listKeys(tx)
        if (held.length > 0) return held
        await tx
          .insertInto('signing_keys')
          .values({
            kid: key.kid,
            public_jwk: key.publicJwk,
            sealed_private: key.sealedPrivate,
            created_at: key.createdAt,
            active_at: key.activeAt,
            retired_at: key.retiredAt,
          })
          .execute()
        await appendEvents(tx, [event])
        await appendChanges(tx, 'signing-key', [key.kid], event.at)
        return await listKeys(tx)
      }),
  }
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
  }))
}
