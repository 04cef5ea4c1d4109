import { setImmediate } from 'node:timers/promises'
import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { EventInput, MerchantKeyRecord, MerchantRecord, MerchantSettings, MerchantStore, MerchantWithKeys } from '../store.ts'
import { beginsWith } from './begins-with.ts'
import { type Connection, chunks, type Database, type Dialect, forUpdate, isAmong, lockTable } from './database.ts'
import { hasLabel } from './labels.ts'
import { appendChanges, appendEvents } from './log.ts'
import { noteRemoval, withoutRemoved } from './removals.ts'
import type { Tables } from './tables.ts'

/** Rows of one statement. */
const pageRows = 500
/** Merchants restored in one transaction. */
const restoredRows = 100

export function merchantStore(database: Database): MerchantStore {
  const { dialect } = database
  return {
    load: async (agentIds) => {
      if (agentIds === undefined) return await loadAll(database)
      return agentIds.length === 0 ? [] : await database.run((db) => loadMerchants(dialect, db, agentIds))
    },

    loadLatest: (limit, agentIds) =>
      database.run(async (db) => {
        const all = db.selectFrom('merchants').select('agent_id').orderBy('updated_at', 'desc').orderBy('agent_id').limit(limit)
        const named = await (agentIds === undefined ? all : all.where(isAmong(dialect, 'agent_id', agentIds))).execute()
        const merchants = await loadMerchants(
          dialect,
          db,
          named.map((row) => row.agent_id),
        )
        return merchants.sort((one, other) => other.updatedAt - one.updatedAt)
      }),

    add: (merchant, key, event) =>
      database.transaction(async (tx) => {
        const added = await tx
          .insertInto('merchants')
          .values(merchantRow(merchant))
          .onConflict((conflict) => conflict.column('agent_id').doNothing())
          .returning('agent_id')
          .executeTakeFirst()
        if (added === undefined) return 'exists'
        await tx.insertInto('merchant_keys').values(keyRow(key)).execute()
        await note(tx, merchant.agentId, event)
        return 'added'
      }),

    list: ({ limit, afterAgentId, prefix, status, label, clockOffBy, oldKeyUnusedSince, agentIds }) =>
      agentIds?.length === 0
        ? Promise.resolve([])
        : database.run(async (db) => {
            let page = db.selectFrom('merchants').selectAll().orderBy('agent_id').limit(limit)
            if (afterAgentId !== undefined) page = page.where('agent_id', '>', afterAgentId)
            if (prefix !== undefined) page = page.where(beginsWith('agent_id', prefix))
            if (status !== undefined) page = page.where('status', '=', status)
            if (label !== undefined) page = page.where(hasLabel(label))
            if (clockOffBy !== undefined) page = page.where(isClockOff(clockOffBy))
            if (oldKeyUnusedSince !== undefined) page = page.where(hasOldKey(oldKeyUnusedSince))
            if (agentIds !== undefined) page = page.where('agent_id', 'in', agentIds)
            return withKeys(dialect, db, await page.execute())
          }),

    update: (merchant, expectedUpdatedAt, event) =>
      database.transaction(async (tx) => {
        const updated = await tx
          .updateTable('merchants')
          .set({ status: merchant.status, ...settingColumns(merchant.settings), updated_at: merchant.updatedAt })
          .where('agent_id', '=', merchant.agentId)
          .where('updated_at', '=', expectedUpdatedAt)
          .returning('agent_id')
          .executeTakeFirst()
        if (updated === undefined) return (await lockMerchant(dialect, tx, merchant.agentId)) ? 'changed' : 'not-found'
        await note(tx, merchant.agentId, event)
        return 'updated'
      }),

    remove: (agentId, event, againSince) =>
      database.transaction(async (tx) => {
        // Those who restore lock the table and then rows: nobody locks the row before.
        await lockTable(dialect, tx, 'merchants')
        const held = await forUpdate(
          dialect,
          tx.selectFrom('merchants').select('updated_at').where('agent_id', '=', agentId),
        ).executeTakeFirst()
        const isThere = held !== undefined && held.updated_at <= (againSince ?? Number.MAX_SAFE_INTEGER)
        if (isThere && (await isUsed(tx, agentId))) return 'used'
        const at = againSince ?? event.at
        if (isThere || againSince !== undefined)
          for (const topic of ['merchant', 'brand'] as const) await noteRemoval(tx, topic, agentId, at)
        if (!isThere) return 'not-found'
        for (const table of ['merchant_keys', 'merchant_clocks', 'merchant_conduct', 'brands', 'merchants'] as const) {
          await tx.deleteFrom(table).where('agent_id', '=', agentId).execute()
        }
        await appendEvents(tx, [event])
        return 'removed'
      }),

    addKey: (key, activeMax, event) =>
      database.transaction(async (tx) => {
        if (!(await lockMerchant(dialect, tx, key.agentId))) return 'not-found'
        if ((await activeKeyIds(tx, key.agentId)).length >= activeMax) return 'too-many'
        await tx.insertInto('merchant_keys').values(keyRow(key)).execute()
        await note(tx, key.agentId, event)
        return 'added'
      }),

    retireKey: (agentId, keyId, now, event, verify) =>
      database.transaction(async (tx) => {
        if (!(await lockMerchant(dialect, tx, agentId))) return 'not-found'
        const [merchant] = await loadMerchants(dialect, tx, [agentId])
        verify?.(merchant?.keys ?? [])
        const activeIds = await activeKeyIds(tx, agentId)
        if (!activeIds.includes(keyId)) return 'not-found'
        if (activeIds.length === 1) return 'last-key'
        await tx.updateTable('merchant_keys').set({ retired_at: now }).where('agent_id', '=', agentId).where('id', '=', keyId).execute()
        await note(tx, agentId, event)
        return 'retired'
      }),

    restore: async (merchants, now) => {
      const held = new Map((await loadAll(database)).map((merchant) => [merchant.agentId, merchant]))
      const lost = merchants.filter((merchant) => isBehind(held.get(merchant.agentId), merchant))
      let count = 0
      for (const chunk of chunks(lost, restoredRows)) {
        count += await database.transaction(async (tx) => {
          let written = 0
          for (const merchant of await withoutRemoved(dialect, tx, 'merchant', chunk, ({ agentId }) => agentId)) {
            if ((await restoreMerchant(tx, merchant)) + (await restoreKeys(tx, merchant.keys)) === 0) continue
            await noteChange(tx, merchant.agentId, now)
            written++
          }
          return written
        })
      }
      return count
    },

    noteKeyUses: async (uses) => {
      if (uses.length === 0) return
      await database.transaction(async (tx) => {
        // In one order on every node, so that writers cannot deadlock.
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

function isClockOff(byMs: number): RawBuilder<SqlBool> {
  return sql`agent_id in (select agent_id from merchant_clocks where abs(difference_ms) > ${byMs})`
}

function hasOldKey(unusedSince: number): RawBuilder<SqlBool> {
  return sql`agent_id in (
    select old.agent_id from merchant_keys as old join merchant_keys as newer on newer.agent_id = old.agent_id
    where old.retired_at is null and coalesce(old.last_used_at, old.created_at) <= ${unusedSince}
    and newer.retired_at is null and newer.last_used_at is not null and (newer.created_at, newer.id) > (old.created_at, old.id))`
}

/** Whether rows depend on the merchant, or anything was ever signed with its keys. */
async function isUsed(tx: Connection, agentId: string): Promise<boolean> {
  const rowOf = (table: 'members' | 'member_sessions') =>
    tx.selectFrom(table).select('agent_id').where('agent_id', '=', agentId).limit(1).executeTakeFirst()
  const signed = await tx
    .selectFrom('merchant_keys')
    .select('id')
    .where('agent_id', '=', agentId)
    .where('last_used_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return signed !== undefined || (await rowOf('members')) !== undefined || (await rowOf('member_sessions')) !== undefined
}

/**
 * Page by page, so that thousands hold neither the event loop nor memory. What is changed between the pages may be missing; its change row has it read
 * again.
 */
async function loadAll(database: Database): Promise<MerchantWithKeys[]> {
  const all: MerchantWithKeys[] = []
  for (;;) {
    const after = all.at(-1)?.agentId ?? ''
    const page = await database.run(async (db) => {
      const rows = await db.selectFrom('merchants').selectAll().where('agent_id', '>', after).orderBy('agent_id').limit(pageRows).execute()
      return withKeys(database.dialect, db, rows)
    })
    all.push(...page)
    if (page.length < pageRows) return all
    await setImmediate()
  }
}

async function loadMerchants(dialect: Dialect, db: Connection, agentIds: readonly string[]): Promise<MerchantWithKeys[]> {
  const rows = await db
    .selectFrom('merchants')
    .selectAll()
    .where(isAmong(dialect, 'agent_id', agentIds))
    .orderBy('agent_id')
    .execute()
  return withKeys(dialect, db, rows)
}

async function withKeys(dialect: Dialect, db: Connection, merchantRows: readonly MerchantRow[]): Promise<MerchantWithKeys[]> {
  if (merchantRows.length === 0) return []
  const ids = merchantRows.map((row) => row.agent_id)
  const keys = db
    .selectFrom('merchant_keys')
    .selectAll()
    .where(isAmong(dialect, 'agent_id', ids))
  // Read second: a merchant added in between is not in the list either.
  const keyRows = Map.groupBy(await keys.orderBy('agent_id').orderBy('created_at').orderBy('id').execute(), (row) => row.agent_id)
  return merchantRows.map((row) => ({
    agentId: row.agent_id,
    status: row.status,
    settings: { ...settingDefaults, ...JSON.parse(row.settings), labels: JSON.parse(row.labels) },
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

/** Settings that rows of earlier versions lack. */
const settingDefaults: Pick<MerchantSettings, 'lobbyUrls' | 'launch' | 'sessions' | 'frameAncestors'> = {
  lobbyUrls: { ios: null, android: null, h5: null, web: null },
  launch: 'token',
  sessions: 'many',
  frameAncestors: [],
}

/** Serialises changes to one merchant's keys, so that counting them is reliable. */
async function lockMerchant(dialect: Dialect, tx: Connection, agentId: string): Promise<boolean> {
  const query = tx.selectFrom('merchants').select('agent_id').where('agent_id', '=', agentId)
  return (await forUpdate(dialect, query).executeTakeFirst()) !== undefined
}

async function activeKeyIds(tx: Connection, agentId: string): Promise<string[]> {
  const rows = await tx.selectFrom('merchant_keys').select('id').where('agent_id', '=', agentId).where('retired_at', 'is', null).execute()
  return rows.map((row) => row.id)
}

function merchantRow(merchant: MerchantRecord) {
  return {
    agent_id: merchant.agentId,
    status: merchant.status,
    ...settingColumns(merchant.settings),
    created_at: merchant.createdAt,
    updated_at: merchant.updatedAt,
  }
}

/** Labels have their own column, because lists filter by them. */
function settingColumns({ labels, ...settings }: MerchantSettings) {
  return { settings: JSON.stringify(settings), labels: JSON.stringify(labels) }
}

/** Whether a row lacks something known about the merchant. */
function isBehind(held: MerchantWithKeys | undefined, known: MerchantWithKeys): boolean {
  if (held === undefined || held.updatedAt < known.updatedAt) return true
  const keys = new Map(held.keys.map((key) => [key.id, key]))
  return known.keys.some(({ id, retiredAt }) => {
    const key = keys.get(id)
    return key === undefined || (key.retiredAt === null && retiredAt !== null)
  })
}

async function restoreMerchant(tx: Connection, merchant: MerchantRecord): Promise<number> {
  const { agent_id: _id, ...values } = merchantRow(merchant)
  // One that was created earlier was removed, and another added under its name.
  const replaced = tx
    .selectFrom('merchants')
    .select('agent_id')
    .where('agent_id', '=', merchant.agentId)
    .where('created_at', '<', merchant.createdAt)
  await tx.deleteFrom('merchant_keys').where('agent_id', 'in', replaced).execute()
  const written = await tx
    .insertInto('merchants')
    .values(merchantRow(merchant))
    .onConflict((conflict) => conflict.column('agent_id').doUpdateSet(values).where('merchants.updated_at', '<', merchant.updatedAt))
    .returning('agent_id')
    .execute()
  return written.length
}

/** Restores missing keys and retirements: a retired key stays retired. */
async function restoreKeys(tx: Connection, keys: readonly MerchantKeyRecord[]): Promise<number> {
  let count = 0
  for (const key of keys) {
    const { retired_at } = keyRow(key)
    const written = await tx
      .insertInto('merchant_keys')
      .values(keyRow(key))
      .onConflict((conflict) => {
        const same = conflict.columns(['agent_id', 'id'])
        return retired_at === null ? same.doNothing() : same.doUpdateSet({ retired_at }).where('merchant_keys.retired_at', 'is', null)
      })
      .returning('id')
      .execute()
    count += written.length
  }
  return count
}

type MerchantRow = Selectable<Tables['merchants']>

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
  await noteChange(tx, agentId, event.at)
}

async function noteChange(tx: Connection, agentId: string, at: number): Promise<void> {
  await appendChanges(tx, [{ topic: 'merchant', subject: agentId, at, detail: null }])
}
