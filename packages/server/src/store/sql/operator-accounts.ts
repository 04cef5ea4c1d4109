import { type Selectable, sql } from 'kysely'
import type { NewCredentials, OperatorAccountStore, OperatorCredentials, PasskeyRecord } from '../store.ts'
import { endSessions } from './console-sessions.ts'
import { type Connection, type Database, lockTable } from './database.ts'
import { appendEvents } from './log.ts'
import { toOperator } from './operators.ts'
import type { PasskeysTable } from './tables.ts'

export function operatorAccountStore(database: Database): OperatorAccountStore {
  return {
    findForSignIn: async ({ email, addressKey }) => {
      const row = await database.run((db) =>
        db
          .selectFrom('operators')
          .leftJoin('operator_credentials as c', 'c.operator_id', 'operators.id')
          .selectAll('operators')
          .select(['c.password_hash', 'c.sealed_totp', 'c.updated_at as credentials_updated_at'])
          .select((is) => [
            is
              .selectFrom('recovery_codes')
              .whereRef('recovery_codes.operator_id', '=', 'operators.id')
              .select((codes) => codes.fn.countAll<number>().as('count'))
              .as('codes_left'),
            is
              .selectFrom('console_sessions')
              .whereRef('console_sessions.operator_id', '=', 'operators.id')
              .where('address_key', '=', addressKey)
              .select(sql<number>`1`.as('one'))
              .limit(1)
              .as('known'),
          ])
          .where('email', '=', email)
          .executeTakeFirst(),
      )
      if (row === undefined) return { account: null, isKnownAddress: false }
      const credentials = {
        passwordHash: row.password_hash,
        sealedTotp: row.sealed_totp,
        recoveryCodesLeft: Number(row.codes_left ?? 0),
        updatedAt: row.credentials_updated_at ?? 0,
      }
      return { account: { operator: toOperator(row), credentials }, isKnownAddress: row.known !== null }
    },

    findCredentials: (operatorId) => database.run((db) => readCredentials(db, operatorId)),

    hasRecoveryCode: async (operatorId, codeHash) => {
      const found = await database.run((db) =>
        db
          .selectFrom('recovery_codes')
          .select('code_hash')
          .where('code_hash', '=', codeHash)
          .where('operator_id', '=', operatorId)
          .executeTakeFirst(),
      )
      return found !== undefined
    },

    setPassword: ({ operatorId, passwordHash, expectedUpdatedAt, keptSessionId, now }, event) =>
      database.transaction(async (tx) => {
        const changed = await tx
          .updateTable('operator_credentials')
          .set({ password_hash: passwordHash, updated_at: Math.max(now, expectedUpdatedAt + 1) })
          .where('operator_id', '=', operatorId)
          .where('updated_at', '=', expectedUpdatedAt)
          .returning('operator_id')
          .executeTakeFirst()
        if (changed === undefined) return false
        await endSessions(tx, { operatorId, keptId: keptSessionId }, now)
        await appendEvents(tx, [event])
        return true
      }),

    replaceHash: async (operatorId, passwordHash, stronger) => {
      await database.run((db) =>
        db
          .updateTable('operator_credentials')
          .set({ password_hash: stronger })
          .where('operator_id', '=', operatorId)
          .where('password_hash', '=', passwordHash)
          .execute(),
      )
    },

    findPasskey: async (id) => {
      const found = await database.run(async (db) => {
        const passkey = await db.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst()
        if (passkey === undefined) return null
        const operator = await db.selectFrom('operators').selectAll().where('id', '=', passkey.operator_id).executeTakeFirst()
        return operator === undefined ? null : { passkey, operator }
      })
      return found === null ? null : { passkey: toPasskey(found.passkey), operator: toOperator(found.operator) }
    },

    listPasskeys: async (operatorId) => {
      const rows = await database.run((db) =>
        db.selectFrom('passkeys').selectAll().where('operator_id', '=', operatorId).orderBy('created_at').orderBy('id').execute(),
      )
      return rows.map(toPasskey)
    },

    addPasskey: (passkey, most, event) =>
      database.transaction(async (tx) => {
        await lockTable(database.dialect, tx, 'passkeys')
        const there = await tx.selectFrom('passkeys').select('id').where('operator_id', '=', passkey.operatorId).execute()
        if (there.length >= most) return 'full'
        if (!(await insertPasskey(tx, passkey))) return 'exists'
        await appendEvents(tx, [event])
        return 'added'
      }),

    removePasskey: (operatorId, id, event) =>
      database.transaction(async (tx) => {
        await lockTable(database.dialect, tx, 'passkeys')
        const rows = await tx.selectFrom('passkeys').select('id').where('operator_id', '=', operatorId).execute()
        if (!rows.some((row) => row.id === id)) return 'not-found'
        const { passwordHash } = await readCredentials(tx, operatorId)
        if (rows.length === 1 && passwordHash === null) return 'last'
        await tx.deleteFrom('passkeys').where('id', '=', id).execute()
        await appendEvents(tx, [event])
        return 'removed'
      }),

    setRecoveryCodes: (operatorId, codeHashes, event) =>
      database.transaction(async (tx) => {
        await writeRecoveryCodes(tx, operatorId, codeHashes)
        await appendEvents(tx, [event])
      }),
  }
}

async function readCredentials(db: Connection, operatorId: string): Promise<OperatorCredentials> {
  const row = await db.selectFrom('operator_credentials').selectAll().where('operator_id', '=', operatorId).executeTakeFirst()
  const codes = await db
    .selectFrom('recovery_codes')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('operator_id', '=', operatorId)
    .executeTakeFirst()
  return {
    passwordHash: row?.password_hash ?? null,
    sealedTotp: row?.sealed_totp ?? null,
    recoveryCodesLeft: Number(codes?.count ?? 0),
    updatedAt: row?.updated_at ?? 0,
  }
}

/** Replaces all of an account's credentials. */
export async function replaceCredentials(
  tx: Connection,
  operatorId: string,
  { password, passkey }: NewCredentials,
  now: number,
): Promise<void> {
  const before = await tx.selectFrom('operator_credentials').select('updated_at').where('operator_id', '=', operatorId).executeTakeFirst()
  const row = {
    password_hash: password?.passwordHash ?? null,
    sealed_totp: password?.sealedTotp ?? null,
    totp_step: password?.totpStep ?? null,
    updated_at: Math.max(now, (before?.updated_at ?? 0) + 1),
  }
  await tx
    .insertInto('operator_credentials')
    .values({ operator_id: operatorId, ...row })
    .onConflict((conflict) => conflict.column('operator_id').doUpdateSet(row))
    .execute()
  await writeRecoveryCodes(tx, operatorId, password?.recoveryCodeHashes ?? [])
  await tx.deleteFrom('passkeys').where('operator_id', '=', operatorId).execute()
  if (passkey !== undefined) await insertPasskey(tx, passkey)
}

async function writeRecoveryCodes(tx: Connection, operatorId: string, codeHashes: readonly Uint8Array[]): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('operator_id', '=', operatorId).execute()
  if (codeHashes.length === 0) return
  await tx
    .insertInto('recovery_codes')
    .values(codeHashes.map((hash) => ({ code_hash: hash, operator_id: operatorId })))
    .execute()
}

async function insertPasskey(tx: Connection, passkey: PasskeyRecord): Promise<boolean> {
  const added = await tx
    .insertInto('passkeys')
    .values({
      id: passkey.id,
      operator_id: passkey.operatorId,
      name: passkey.name,
      public_key: passkey.publicKey,
      sign_count: passkey.signCount,
      transports: JSON.stringify(passkey.transports),
      created_at: passkey.createdAt,
      last_used_at: passkey.lastUsedAt,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

function toPasskey(row: Selectable<PasskeysTable>): PasskeyRecord {
  return {
    id: row.id,
    operatorId: row.operator_id,
    name: row.name,
    publicKey: row.public_key,
    signCount: row.sign_count,
    transports: JSON.parse(row.transports),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }
}
