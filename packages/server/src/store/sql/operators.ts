import type { Selectable } from 'kysely'
import type { OperatorRecord, OperatorStore } from '../store.ts'
import { type Connection, type Database, lockTable } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import type { OperatorsTable } from './tables.ts'

export function operatorStore(database: Database): OperatorStore {
  const { dialect } = database
  const findBy = async (column: 'id' | 'email', value: string) => {
    const row = await database.run((db) => db.selectFrom('operators').selectAll().where(column, '=', value).executeTakeFirst())
    return row === undefined ? null : toOperator(row)
  }
  return {
    find: (id) => findBy('id', id),
    findByEmail: (email) => findBy('email', email),

    list: async ({ limit, afterEmail = '' }) => {
      const rows = await database.run((db) =>
        db.selectFrom('operators').selectAll().where('email', '>', afterEmail).orderBy('email').limit(limit).execute(),
      )
      return rows.map(toOperator)
    },

    add: (operator, event) =>
      database.transaction(async (tx) => {
        const added = await tx
          .insertInto('operators')
          .values(operatorRow(operator))
          .onConflict((conflict) => conflict.column('email').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (added === undefined) return 'exists'
        await appendEvents(tx, [event])
        return 'added'
      }),

    update: (operator, expectedUpdatedAt, event) =>
      database.transaction(async (tx) => {
        // Serialises concurrent changes, such as two owners who demote each other.
        await lockTable(dialect, tx, 'operators')
        const before = await tx.selectFrom('operators').selectAll().where('id', '=', operator.id).executeTakeFirst()
        if (before === undefined) return 'not-found'
        if (before.updated_at !== expectedUpdatedAt) return 'changed'
        if (isLastingOwner(toOperator(before)) && !isLastingOwner(operator) && !(await hasOtherOwner(tx, operator.id))) return 'last-owner'
        const { id: _id, ...row } = operatorRow(operator)
        await tx.updateTable('operators').set(row).where('id', '=', operator.id).execute()
        const { id, role, agentIds, status, updatedAt } = operator
        const detail = JSON.stringify({ role, agentIds, status, updatedAt })
        await appendChanges(tx, [{ topic: 'operator', subject: id, at: event.at, detail }])
        await appendEvents(tx, [event])
        return 'updated'
      }),
  }
}

/** An owner restricted to merchants cannot manage the rest, and a provider can take its owners away, so neither counts. */
export function isLastingOwner({ role, status, agentIds, sso }: Pick<OperatorRecord, 'role' | 'status' | 'agentIds' | 'sso'>): boolean {
  return role === 'owner' && status === 'enabled' && agentIds === null && sso === null
}

export async function hasOtherOwner(tx: Connection, id: string): Promise<boolean> {
  const other = await tx
    .selectFrom('operators')
    .select('id')
    .where('id', '<>', id)
    .where('role', '=', 'owner')
    .where('status', '=', 'enabled')
    .where('agent_ids', 'is', null)
    .where('sso_issuer', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

export function toOperator(row: Selectable<OperatorsTable>): OperatorRecord {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    agentIds: row.agent_ids === null ? null : JSON.parse(row.agent_ids),
    status: row.status,
    sso:
      row.sso_issuer === null || row.sso_subject === null
        ? null
        : { issuer: row.sso_issuer, subject: row.sso_subject, vouchedAt: row.sso_vouched_at },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** All but `sso`. */
export function operatorRow(operator: OperatorRecord) {
  return {
    id: operator.id,
    email: operator.email,
    name: operator.name,
    role: operator.role,
    agent_ids: operator.agentIds === null ? null : JSON.stringify(operator.agentIds),
    status: operator.status,
    created_at: operator.createdAt,
    updated_at: operator.updatedAt,
  }
}
