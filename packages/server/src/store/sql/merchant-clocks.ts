import type { MerchantClockStore } from '../store.ts'
import { chunks, type Database } from './database.ts'
import { appendEvents } from './log.ts'

export function merchantClockStore(database: Database): MerchantClockStore {
  return {
    load: async (agentIds) => {
      if (agentIds?.length === 0) return []
      const rows = await database.run((db) => {
        const all = db.selectFrom('merchant_clocks').selectAll().orderBy('agent_id')
        return (agentIds === undefined ? all : all.where('agent_id', 'in', agentIds)).execute()
      })
      return rows.map((row) => ({ agentId: row.agent_id, differenceMs: row.difference_ms, measuredAt: row.measured_at }))
    },

    note: async (clocks) => {
      if (clocks.length === 0) return
      await database.transaction(async (tx) => {
        // In one order on every node, so that writers cannot deadlock.
        const sorted = [...clocks].sort((a, b) => (a.agentId < b.agentId ? -1 : 1))
        for (const chunk of chunks(sorted)) {
          await tx
            .insertInto('merchant_clocks')
            .values(chunk.map((clock) => ({ agent_id: clock.agentId, difference_ms: clock.differenceMs, measured_at: clock.measuredAt })))
            .onConflict((conflict) =>
              conflict.column('agent_id').doUpdateSet((is) => ({
                difference_ms: is.ref('excluded.difference_ms'),
                measured_at: is.ref('excluded.measured_at'),
              })),
            )
            .execute()
        }
      })
    },

    warn: (agentId, unlessSince, event) =>
      database.transaction(async (tx) => {
        const warned = await tx
          .updateTable('merchant_clocks')
          .set({ warned_at: event.at })
          .where('agent_id', '=', agentId)
          .where((is) => is.or([is('warned_at', 'is', null), is('warned_at', '<', unlessSince)]))
          .returning('agent_id')
          .executeTakeFirst()
        if (warned !== undefined) await appendEvents(tx, [event])
        return warned !== undefined
      }),
  }
}
