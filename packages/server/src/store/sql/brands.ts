import type { BrandRecord, BrandStore, LogoFile } from '../store.ts'
import type { Database } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { noteRemoval, withoutRemoved } from './removals.ts'

const columns = [
  'agent_id',
  'title',
  'accent_color',
  'header_color',
  'support_url',
  'logo_type',
  'logo_width',
  'logo_height',
  'logo_sha256',
  'created_at',
  'updated_at',
] as const

export function brandStore(database: Database): BrandStore {
  return {
    load: async (agentIds) => {
      if (agentIds?.length === 0) return []
      const rows = await database.run((db) => {
        const all = db.selectFrom('brands').select(columns).orderBy('agent_id')
        return (agentIds === undefined ? all : all.where('agent_id', 'in', agentIds)).execute()
      })
      return rows.map(toBrand)
    },

    list: async ({ limit, afterAgentId, agentIds }) => {
      if (agentIds?.length === 0) return []
      const rows = await database.run((db) => {
        let page = db.selectFrom('brands').select(columns).orderBy('agent_id').limit(limit)
        if (afterAgentId !== undefined) page = page.where('agent_id', '>', afterAgentId)
        if (agentIds !== undefined) page = page.where('agent_id', 'in', agentIds)
        return page.execute()
      })
      return rows.map(toBrand)
    },

    findLogo: async (agentId) => {
      const row = await database.run((db) =>
        db
          .selectFrom('brands')
          .select([...columns, 'logo'])
          .where('agent_id', '=', agentId)
          .executeTakeFirst(),
      )
      const facts = row === undefined ? null : toBrand(row).logo
      return facts === null || row?.logo === null || row?.logo === undefined ? null : { ...facts, bytes: row.logo }
    },

    set: (brand, logo, expectedUpdatedAt, event) =>
      database.transaction(async (tx) => {
        const values = { ...settingsRow(brand), ...(logo === undefined ? {} : logoColumns(logo)) }
        const written =
          expectedUpdatedAt === null
            ? await tx
                .insertInto('brands')
                .values({ agent_id: brand.agentId, created_at: brand.createdAt, ...values })
                .onConflict((conflict) => conflict.column('agent_id').doNothing())
                .returning('agent_id')
                .executeTakeFirst()
            : await tx
                .updateTable('brands')
                .set(values)
                .where('agent_id', '=', brand.agentId)
                .where('updated_at', '=', expectedUpdatedAt)
                .returning('agent_id')
                .executeTakeFirst()
        if (written === undefined) return false
        await appendEvents(tx, [event])
        await appendChanges(tx, [{ topic: 'brand', subject: brand.agentId, at: event.at, detail: null }])
        return true
      }),

    remove: (agentId, event, againSince) =>
      database.transaction(async (tx) => {
        const removed = await tx
          .deleteFrom('brands')
          .where('agent_id', '=', agentId)
          .where('updated_at', '<=', againSince ?? Number.MAX_SAFE_INTEGER)
          .returning('agent_id')
          .executeTakeFirst()
        if (removed !== undefined) await appendEvents(tx, [event])
        if (removed !== undefined || againSince !== undefined) await noteRemoval(tx, 'brand', agentId, againSince ?? event.at)
        return removed !== undefined
      }),

    restore: async (brands, now) => {
      let count = 0
      for (const { brand, logo } of brands) {
        const isWritten = await database.transaction(async (tx) => {
          if ((await withoutRemoved(database.dialect, tx, 'brand', [brand], ({ agentId }) => agentId)).length === 0) return false
          const held = await tx.selectFrom('brands').select(columns).where('agent_id', '=', brand.agentId).executeTakeFirst()
          if (held !== undefined && held.updated_at >= brand.updatedAt) return false
          const values = {
            ...settingsRow(brand),
            ...(brand.logo !== null && held?.logo_sha256 === brand.logo.sha256 ? {} : logoColumns(logo)),
          }
          const written = await tx
            .insertInto('brands')
            .values({ agent_id: brand.agentId, created_at: brand.createdAt, ...values })
            .onConflict((conflict) => conflict.column('agent_id').doUpdateSet(values).where('brands.updated_at', '<', brand.updatedAt))
            .returning('agent_id')
            .executeTakeFirst()
          if (written === undefined) return false
          await appendChanges(tx, [{ topic: 'brand', subject: brand.agentId, at: now, detail: null }])
          return true
        })
        if (isWritten) count++
      }
      return count
    },
  }
}

function settingsRow({ title, accentColor, headerColor, supportUrl, updatedAt }: BrandRecord) {
  return { title, accent_color: accentColor, header_color: headerColor, support_url: supportUrl, updated_at: updatedAt }
}

function logoColumns(logo: LogoFile | null) {
  return {
    logo: logo?.bytes ?? null,
    logo_type: logo?.type ?? null,
    logo_width: logo?.width ?? null,
    logo_height: logo?.height ?? null,
    logo_sha256: logo?.sha256 ?? null,
  }
}

interface BrandRow {
  readonly agent_id: string
  readonly title: string | null
  readonly accent_color: string | null
  readonly header_color: string | null
  readonly support_url: string | null
  readonly logo_type: string | null
  readonly logo_width: number | null
  readonly logo_height: number | null
  readonly logo_sha256: string | null
  readonly created_at: number
  readonly updated_at: number
}

function toBrand(row: BrandRow): BrandRecord {
  const { logo_type: type, logo_width: width, logo_height: height, logo_sha256: sha256 } = row
  const hasLogo = type !== null && width !== null && height !== null && sha256 !== null
  return {
    agentId: row.agent_id,
    title: row.title,
    accentColor: row.accent_color,
    headerColor: row.header_color,
    supportUrl: row.support_url,
    logo: hasLogo ? { type: type as LogoFile['type'], width, height, sha256 } : null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
