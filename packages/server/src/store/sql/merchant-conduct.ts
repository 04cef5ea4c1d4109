import { sql } from 'kysely'
import type { MerchantConductStore } from '../store.ts'
import { chunks, type Database } from './database.ts'

export function merchantConductStore(database: Database): MerchantConductStore {
  return {
    note: async (marks) => {
      if (marks.length === 0) return
      await database.transaction(async (tx) => {
        // In one order on every node, so that writers cannot deadlock.
        const sorted = marks.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
        for (const chunk of chunks(sorted)) {
          await tx
            .insertInto('merchant_conduct')
            .values(
              chunk.map(({ agentId, topic, rightAt, wrongAt }) => ({ agent_id: agentId, topic, right_at: rightAt, wrong_at: wrongAt })),
            )
            .onConflict((conflict) =>
              conflict.columns(['agent_id', 'topic']).doUpdateSet({ right_at: later('right_at'), wrong_at: later('wrong_at') }),
            )
            .execute()
        }
      })
    },

    load: async (agentId) => {
      const rows = await database.run((db) =>
        db.selectFrom('merchant_conduct').selectAll().where('agent_id', '=', agentId).orderBy('topic').execute(),
      )
      return rows.map((row) => ({ agentId: row.agent_id, topic: row.topic, rightAt: row.right_at, wrongAt: row.wrong_at }))
    },
  }
}

function placeOf({ agentId, topic }: { readonly agentId: string; readonly topic: string }): string {
  return `${agentId} ${topic}`
}

function later(column: 'right_at' | 'wrong_at') {
  const [old, next] = [sql.ref(`merchant_conduct.${column}`), sql.ref(`excluded.${column}`)]
  return sql<number>`case when ${next} > ${old} then ${next} else ${old} end`
}
