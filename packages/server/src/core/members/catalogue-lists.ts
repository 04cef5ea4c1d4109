import { type GameListFields, GatewayError, type LimitListFields } from '@lobbykey/contract'
import type { CatalogueDirectory } from '../catalogue/catalogue-directory.ts'
import type { Step } from '../records/steps.ts'
import type { SignedCallState } from './signed-call.ts'

/** The last steps of the game list and the bet-limit list, answered from memory. */
export function catalogueListSteps(catalogue: CatalogueDirectory) {
  const games: Step<SignedCallState<GameListFields>> = {
    name: 'list',
    run: (state) => {
      const { game_id: wanted } = state.fields
      const { games, tables } = catalogue.catalogue
      const rooms = Map.groupBy(tables, ({ gameId }) => gameId)
      const list = games
        .filter(({ gameId }) => wanted === undefined || gameId === wanted)
        .map(({ gameId, names }) => ({
          game_id: gameId,
          game_name: names,
          rooms: (rooms.get(gameId) ?? []).map((table) => ({
            game_id: gameId,
            inst_id: table.instId,
            inst_name: table.names,
            status: table.status,
          })),
        }))
      state.answer = { list }
    },
  }
  const limits: Step<SignedCallState<LimitListFields>> = {
    name: 'list',
    run: (state) => {
      const { fields, merchant } = state
      if (!merchant.settings.currencies.includes(fields.currency)) throw new GatewayError('currency_not_allowed')
      const list = catalogue.limitsOf(fields.currency, fields.game_id).map((limit) => ({
        red_id: limit.redId,
        game_id: limit.gameId,
        currency: limit.currency,
        min_limit: limit.minLimit,
        max_limit: limit.maxLimit,
        seq: limit.seq,
        status: limit.status,
      }))
      state.answer = { list }
    },
  }
  return { games, limits }
}
