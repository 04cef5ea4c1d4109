import type { EventInput, MerchantKeyRecord, MerchantSettings, MerchantStore, MerchantWithKeys } from '../store.ts'
import { type Connection, type Database, type Dialect, forUpdate } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'

export function merchantStore(database: Database): MerchantStore {
  const { dialect } = database
  return {
    load: (agentIds) => (agentIds?.length === 0 ? Promise.resolve([]) : database.run((db) => loadMerchants(db, agentIds))),

    add: (merchant, key, event) =>
      database.transaction(async (tx) => {
        const added = await tx
          .insertInto('merchants')
          .values({
            agent_id: merchant.agentId,
            status: merchant.status,
            settings: JSON.stringify(merchant.settings),
            created_at: merchant.createdAt,
            updated_at: merchant.updatedAt,
          })
          .onConflict((conflict) => conflict.column('agent_id').doNothing())
          .returning('agent_id')
          .executeTakeFirst()
        if (added === undefined) return 'exists'
        await tx.insertInto('merchant_keys').values(keyRow(key)).execute()
        await note(tx, merchant.agentId, event)
        return 'added'
      }),

    update: (merchant, event) =>
      database.transaction(async (tx) => {
        const updated = await tx
          .updateTable('merchants')
          .set({ status: merchant.status, settings: JSON.stringify(merchant.settings), updated_at: merchant.updatedAt })
          .where('agent_id', '=', merchant.agentId)
          .returning('agent_id')
          .executeTakeFirst()
        if (updated === undefined) return false
        await note(tx, merchant.agentId, event)
        return true
      }),

    addKey: (key, activeMax, event) =>
      database.transaction(async (tx) => {
        if (!(await lockMerchant(dialect, tx, key.agentId))) return 'not-found'
        if ((await activeKeyIds(tx, key.agentId)).length >= activeMax) return 'too-many'
        await tx.insertInto('merchant_keys').values(keyRow(key)).execute()
        await note(tx, key.agentId, event)
        return 'added'
      }),

    retireKey: (agentId, keyId, now, event) =>
      database.transaction(async (tx) => {
        if (!(await lockMerchant(dialect, tx, agentId))) return 'not-found'
        const activeIds = await activeKeyIds(tx, agentId)
        if (!activeIds.includes(keyId)) return 'not-found'
        if (activeIds.length === 1) return 'last-key'
        await tx.updateTable('merchant_keys').set({ retired_at: now }).where('agent_id', '=', agentId).where('id', '=', keyId).execute()
        await note(tx, agentId, event)
        return 'retired'
      }),

    noteKeyUses: async (uses) => {
      if (uses.length === 0) return
      await database.transaction(async (tx) => {
        // In one order on every node, so that two never wait for each other in a circle.
        for (const { agentId, keyId, at } of uses.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))) {
          await tx
            .updateTable('merchant_keys')
            .set({ last_used_at: at })
            .where('agent_id', '=', agentId)
            .where('id', '=', keyId)
            .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at)]))
            .execute()
        }
      })
    },
  }
}

async function loadMerchants(db: Connection, agentIds: readonly string[] | undefined): Promise<MerchantWithKeys[]> {
  let merchants = db.selectFrom('merchants').selectAll().orderBy('agent_id')
  let keys = db.selectFrom('merchant_keys').selectAll().orderBy('agent_id').orderBy('created_at').orderBy('id')
  if (agentIds !== undefined) {
    merchants = merchants.where('agent_id', 'in', agentIds)
    keys = keys.where('agent_id', 'in', agentIds)
  }
  const merchantRows = await merchants.execute()
  // Read second: a merchant added in between has no keys here, but is not in the list either.
  const keyRows = Map.groupBy(await keys.execute(), (row) => row.agent_id)
  return merchantRows.map((row) => ({
    agentId: row.agent_id,
    status: row.status,
    settings: { ...laterSettings, ...JSON.parse(row.settings) },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    keys: (keyRows.get(row.agent_id) ?? []).map((key) => ({
      id: key.id,
      agentId: key.agent_id,
      sealed: key.sealed,
      createdAt: key.created_at,
      retiredAt: key.retired_at,
      lastUsedAt: key.last_used_at,
    })),
  }))
}

/** Settings that a row written by an earlier version lacks. */
const laterSettings: Pick<MerchantSettings, 'lobbyUrls' | 'launch' | 'sessions'> = {
  lobbyUrls: { ios: null, android: null, h5: null, web: null },
  launch: 'token',
  sessions: 'many',
}

/** Changes to one merchant's keys wait for each other here, so that counting them decides. */
async function lockMerchant(dialect: Dialect, tx: Connection, agentId: string): Promise<boolean> {
  const query = tx.selectFrom('merchants').select('agent_id').where('agent_id', '=', agentId)
  return (await forUpdate(dialect, query).executeTakeFirst()) !== undefined
}

async function activeKeyIds(tx: Connection, agentId: string): Promise<string[]> {
  const rows = await tx.selectFrom('merchant_keys').select('id').where('agent_id', '=', agentId).where('retired_at', 'is', null).execute()
  return rows.map((row) => row.id)
}

function keyRow(key: MerchantKeyRecord) {
  return {
    agent_id: key.agentId,
    id: key.id,
    sealed: key.sealed,
    created_at: key.createdAt,
    retired_at: key.retiredAt,
    last_used_at: key.lastUsedAt,
  }
}

async function note(tx: Connection, agentId: string, event: EventInput): Promise<void> {
  await appendEvents(tx, [event])
  await appendChanges(tx, 'merchant', [agentId], event.at)
}
