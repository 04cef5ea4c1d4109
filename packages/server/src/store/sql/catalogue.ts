import type { CatalogueGame, CatalogueLimit, CatalogueStore } from '../store.ts'
import { chunks, type Database, lockTable } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import type { Tables } from './tables.ts'

export function catalogueStore(database: Database): CatalogueStore {
  return {
    load: () =>
      database.run(async (db) => {
        // An import committed between these reads mixes two catalogues, but its change row then triggers another load.
        const games = await db.selectFrom('catalogue_games').selectAll().orderBy('game_id').execute()
        const tables = await db.selectFrom('catalogue_tables').selectAll().orderBy('game_id').orderBy('inst_id').execute()
        const limits = await db
          .selectFrom('catalogue_limits')
          .selectAll()
          .orderBy('currency')
          .orderBy('game_id')
          .orderBy('seq')
          .orderBy('red_id')
          .execute()
        return {
          games: games.map(toGame),
          tables: tables.map((row) => ({ gameId: row.game_id, instId: row.inst_id, names: JSON.parse(row.names), status: row.status })),
          limits: limits.map(toLimit),
        }
      }),

    listGames: async ({ limit, after = '' }) => {
      const rows = await database.run((db) =>
        db.selectFrom('catalogue_games').selectAll().where('game_id', '>', after).orderBy('game_id').limit(limit).execute(),
      )
      return rows.map(toGame)
    },

    listLimits: async ({ limit, after, currency, gameId }) => {
      const rows = await database.run((db) => {
        let query = db.selectFrom('catalogue_limits').selectAll().orderBy('currency').orderBy('game_id').orderBy('red_id').limit(limit)
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
        for (const chunk of chunks(games)) {
          const rows = chunk.map((game) => ({ game_id: game.gameId, names: JSON.stringify(game.names) }))
          await tx.insertInto('catalogue_games').values(rows).execute()
        }
        for (const chunk of chunks(tables)) {
          const rows = chunk.map((table) => ({
            game_id: table.gameId,
            inst_id: table.instId,
            names: JSON.stringify(table.names),
            status: table.status,
          }))
          await tx.insertInto('catalogue_tables').values(rows).execute()
        }
        for (const chunk of chunks(limits)) {
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
