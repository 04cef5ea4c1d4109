import { setImmediate } from 'node:timers/promises'
import type { CatalogueGame, CatalogueLimit, CatalogueStore, CatalogueTable } from '../store.ts'
import { chunks, type Database, lockTable } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import type { Tables } from './tables.ts'

/** Rows per statement: each is over within milliseconds, and the event loop turns between them. */
const pageRows = 500

export function catalogueStore(database: Database): CatalogueStore {
  return {
    load: async () => {
      // Page by page, so that a large one does not hold the event loop. An import committed between the pages mixes two catalogues, but its change row
      // then triggers another load.
      const games = await allRows((after: Tables['catalogue_games'] | undefined) =>
        database.run((db) => {
          const query = db.selectFrom('catalogue_games').selectAll().orderBy('game_id').limit(pageRows)
          return (after === undefined ? query : query.where('game_id', '>', after.game_id)).execute()
        }),
      )
      const tables = await allRows((after: Tables['catalogue_tables'] | undefined) =>
        database.run((db) => {
          const query = db.selectFrom('catalogue_tables').selectAll().orderBy('game_id').orderBy('inst_id').limit(pageRows)
          if (after === undefined) return query.execute()
          return query
            .where(({ eb, refTuple, tuple }) => eb(refTuple('game_id', 'inst_id'), '>', tuple(after.game_id, after.inst_id)))
            .execute()
        }),
      )
      const limits = await allRows((after: Tables['catalogue_limits'] | undefined) =>
        database.run((db) => {
          const query = db
            .selectFrom('catalogue_limits')
            .selectAll()
            .orderBy('currency')
            .orderBy('game_id')
            .orderBy('red_id')
            .limit(pageRows)
          if (after === undefined) return query.execute()
          return query
            .where(({ eb, refTuple, tuple }) =>
              eb(refTuple('currency', 'game_id', 'red_id'), '>', tuple(after.currency, after.game_id, after.red_id)),
            )
            .execute()
        }),
      )
      return {
        games: await mapped(games, toGame),
        tables: await mapped(tables, toTable),
        limits: inSequence(await mapped(limits, toLimit)),
      }
    },

    count: () =>
      database.run(async (db) => {
        const countOf = async (table: 'catalogue_games' | 'catalogue_tables' | 'catalogue_limits') =>
          (
            await db
              .selectFrom(table)
              .select((is) => is.fn.countAll<number>().as('count'))
              .executeTakeFirstOrThrow()
          ).count
        return {
          games: await countOf('catalogue_games'),
          tables: await countOf('catalogue_tables'),
          limits: await countOf('catalogue_limits'),
        }
      }),

    loadGames: async (gameIds) => {
      const [games, tables] = [[], []] as [CatalogueGame[], CatalogueTable[]]
      for (const ids of chunks(gameIds, pageRows)) {
        await database.run(async (db) => {
          games.push(...(await db.selectFrom('catalogue_games').selectAll().where('game_id', 'in', ids).execute()).map(toGame))
          const rows = db.selectFrom('catalogue_tables').selectAll().where('game_id', 'in', ids).orderBy('game_id').orderBy('inst_id')
          tables.push(...(await rows.execute()).map(toTable))
        })
      }
      return { games, tables }
    },

    listGames: async ({ limit, after = '' }) => {
      const rows = await database.run((db) =>
        db.selectFrom('catalogue_games').selectAll().where('game_id', '>', after).orderBy('game_id').limit(limit).execute(),
      )
      return rows.map(toGame)
    },

    listLimits: async ({ limit, after, currency, gameId }) => {
      const rows = await database.run((db) => {
        let query = db.selectFrom('catalogue_limits').selectAll().orderBy('currency').orderBy('game_id').orderBy('red_id')
        if (limit !== undefined) query = query.limit(limit)
        if (currency !== undefined) query = query.where('currency', '=', currency)
        if (gameId !== undefined) query = query.where('game_id', '=', gameId)
        if (after !== undefined) {
          const [afterCurrency = '', afterGame = '', afterId = ''] = after
          query = query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('currency', 'game_id', 'red_id'), '>', tuple(afterCurrency, afterGame, afterId)),
          )
        }
        return query.execute()
      })
      return rows.map(toLimit)
    },

    replace: ({ games, tables, limits }, event) =>
      database.transaction(async (tx) => {
        await lockTable(database.dialect, tx, 'catalogue_games')
        await tx.deleteFrom('catalogue_games').execute()
        await tx.deleteFrom('catalogue_tables').execute()
        await tx.deleteFrom('catalogue_limits').execute()
        for (const chunk of chunks(games, pageRows)) {
          await setImmediate()
          const rows = chunk.map((game) => ({ game_id: game.gameId, names: JSON.stringify(game.names) }))
          await tx.insertInto('catalogue_games').values(rows).execute()
        }
        for (const chunk of chunks(tables, pageRows)) {
          await setImmediate()
          const rows = chunk.map((table) => ({
            game_id: table.gameId,
            inst_id: table.instId,
            names: JSON.stringify(table.names),
            status: table.status,
          }))
          await tx.insertInto('catalogue_tables').values(rows).execute()
        }
        for (const chunk of chunks(limits, pageRows)) {
          await setImmediate()
          const rows = chunk.map((limit) => ({
            currency: limit.currency,
            game_id: limit.gameId,
            red_id: limit.redId,
            min_limit: limit.minLimit,
            max_limit: limit.maxLimit,
            seq: limit.seq,
            status: limit.status,
          }))
          await tx.insertInto('catalogue_limits').values(rows).execute()
        }
        await appendEvents(tx, [event])
        await appendChanges(tx, [{ topic: 'catalogue', subject: '*', at: event.at, detail: null }])
      }),
  }
}

async function allRows<Row>(read: (after: Row | undefined) => Promise<Row[]>): Promise<Row[][]> {
  const pages: Row[][] = []
  for (;;) {
    const page = await read(pages.at(-1)?.at(-1))
    pages.push(page)
    if (page.length < pageRows) return pages
    await setImmediate()
  }
}

async function mapped<Row, Item>(pages: readonly Row[][], map: (row: Row) => Item): Promise<Item[]> {
  const items: Item[] = []
  for (const page of pages) {
    items.push(...page.map(map))
    await setImmediate()
  }
  return items
}

/** Limits that are ordered by currency and game, in the platform's order within each. */
function inSequence(limits: readonly CatalogueLimit[]): CatalogueLimit[] {
  const ordered: CatalogueLimit[] = []
  let group: CatalogueLimit[] = []
  const endGroup = () => {
    ordered.push(...group.sort((a, b) => a.seq - b.seq))
    group = []
  }
  for (const limit of limits) {
    const [first] = group
    if (first !== undefined && (first.currency !== limit.currency || first.gameId !== limit.gameId)) endGroup()
    group.push(limit)
  }
  endGroup()
  return ordered
}

function toTable(row: Tables['catalogue_tables']): CatalogueTable {
  return { gameId: row.game_id, instId: row.inst_id, names: JSON.parse(row.names), status: row.status }
}

function toGame(row: Tables['catalogue_games']): CatalogueGame {
  return { gameId: row.game_id, names: JSON.parse(row.names) }
}

function toLimit(row: Tables['catalogue_limits']): CatalogueLimit {
  return {
    redId: row.red_id,
    gameId: row.game_id,
    currency: row.currency,
    minLimit: row.min_limit,
    maxLimit: row.max_limit,
    seq: row.seq,
    status: row.status,
  }
}
