import type { OperatorSsoStore, SsoIdentity } from '../store.ts'
import { endSessions } from './console-sessions.ts'
import { type Connection, type Database, lockTable } from './database.ts'
import { appendEvents } from './log.ts'
import { hasOtherOwner, isLastingOwner, operatorRow, toOperator } from './operators.ts'

export function operatorSsoStore(database: Database): OperatorSsoStore {
  return {
    findByIdentity: async (identity) => {
      const row = await database.run((db) => findRow(db, identity))
      return row === undefined ? null : toOperator(row)
    },

    add: (operator, event) =>
      database.transaction(async (tx) => {
        const { sso } = operator
        if (sso !== null && (await findRow(tx, sso)) !== undefined) return 'linked'
        const columns = { sso_issuer: sso?.issuer ?? null, sso_subject: sso?.subject ?? null, sso_vouched_at: sso?.vouchedAt ?? null }
        const added = await tx
          .insertInto('operators')
          .values({ ...operatorRow(operator), ...columns })
          // Without a column, so that it covers a race for the identity too.
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst()
        if (added === undefined) return sso !== null && (await findRow(tx, sso)) !== undefined ? 'linked' : 'exists'
        await appendEvents(tx, [event])
        return 'added'
      }),

    link: (operatorId, identity, event) =>
      database.transaction(async (tx) => {
        await lockTable(database.dialect, tx, 'operators')
        const before = await tx.selectFrom('operators').selectAll().where('id', '=', operatorId).executeTakeFirst()
        if (before === undefined || before.sso_issuer !== null) return 'not-found'
        if ((await findRow(tx, identity)) !== undefined) return 'taken'
        if (isLastingOwner(toOperator(before)) && !(await hasOtherOwner(tx, operatorId))) return 'last-owner'
        const columns = { sso_issuer: identity.issuer, sso_subject: identity.subject, sso_vouched_at: null, sso_refresh: null }
        await tx.updateTable('operators').set(columns).where('id', '=', operatorId).execute()
        await appendEvents(tx, [event])
        return 'linked'
      }),

    noteVouched: async (operatorId, { issuer, subject }, at, sealedRefresh) => {
      const noted = await database.run((db) =>
        db
          .updateTable('operators')
          .set({ sso_vouched_at: at, sso_check_until: null, ...(sealedRefresh === undefined ? {} : { sso_refresh: sealedRefresh }) })
          .where('id', '=', operatorId)
          .where('sso_issuer', '=', issuer)
          .where('sso_subject', '=', subject)
          .returning('id')
          .executeTakeFirst(),
      )
      return noted !== undefined
    },

    withdraw: (operatorId, { now, endsSessions }, event) =>
      database.transaction(async (tx) => {
        const columns = { sso_vouched_at: null, sso_refresh: null, sso_check_until: null }
        await tx.updateTable('operators').set(columns).where('id', '=', operatorId).execute()
        if (endsSessions) await endSessions(tx, { operatorId }, now)
        await appendEvents(tx, [event])
      }),

    claimCheck: async (operatorId, now, until) => {
      const claimed = await database.run((db) =>
        db
          .updateTable('operators')
          .set({ sso_check_until: until })
          .where('id', '=', operatorId)
          .where('sso_refresh', 'is not', null)
          .where((is) => is.or([is('sso_check_until', 'is', null), is('sso_check_until', '<=', now)]))
          .returning('sso_refresh')
          .executeTakeFirst(),
      )
      if (claimed?.sso_refresh) return { state: 'claimed', sealedRefresh: claimed.sso_refresh }
      const row = await database.run((db) =>
        db.selectFrom('operators').select('sso_refresh').where('id', '=', operatorId).executeTakeFirst(),
      )
      return row?.sso_refresh ? { state: 'busy' } : { state: 'none' }
    },

    releaseCheck: async (operatorId) => {
      await database.run((db) => db.updateTable('operators').set({ sso_check_until: null }).where('id', '=', operatorId).execute())
    },
  }
}

function findRow(db: Connection, { issuer, subject }: SsoIdentity) {
  return db.selectFrom('operators').selectAll().where('sso_issuer', '=', issuer).where('sso_subject', '=', subject).executeTakeFirst()
}
