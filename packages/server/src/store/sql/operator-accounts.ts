import { sql } from 'kysely'
import type { NewCredentials, OperatorAccountStore, OperatorCredentials } from '../store.ts'
import { endSessions } from './console-sessions.ts'
import type { Connection, Database } from './database.ts'
import { appendEvents } from './log.ts'
import { toOperator } from './operators.ts'

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

/** Keeps what an account signs in with from now on, instead of all that it had. */
export async function replaceCredentials(tx: Connection, operatorId: string, { password }: NewCredentials, now: number): Promise<void> {
  const before = await tx.selectFrom('operator_credentials').select('updated_at').where('operator_id', '=', operatorId).executeTakeFirst()
  const row = {
    password_hash: password.passwordHash,
    sealed_totp: password.sealedTotp,
    totp_step: password.totpStep,
    updated_at: Math.max(now, (before?.updated_at ?? 0) + 1),
  }
  await tx
    .insertInto('operator_credentials')
    .values({ operator_id: operatorId, ...row })
    .onConflict((conflict) => conflict.column('operator_id').doUpdateSet(row))
    .execute()
  await writeRecoveryCodes(tx, operatorId, password.recoveryCodeHashes)
}

async function writeRecoveryCodes(tx: Connection, operatorId: string, codeHashes: readonly Uint8Array[]): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('operator_id', '=', operatorId).execute()
  if (codeHashes.length === 0) return
  await tx
    .insertInto('recovery_codes')
    .values(codeHashes.map((hash) => ({ code_hash: hash, operator_id: operatorId })))
    .execute()
}
