import type { AdminOutput } from '@lobbykey/contract/admin'
import { CatalogueAdmin, catalogueCounts } from '../core/catalogue/catalogue-admin.ts'
import { writeCatalogue } from '../core/catalogue/catalogue-export.ts'
import { readCatalogue } from '../core/catalogue/read-catalogue.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'

type Names = Extract<keyof Handlers, `catalogue.${string}`>

export function catalogueHandlers({
  store,
  clock,
  slowly = (_name, work) => work(),
  heldCatalogue = () => store.catalogue.load(),
}: OperationParts): Handlers<Names> {
  const adminOf = ({ origin }: Caller) => new CatalogueAdmin({ store: store.catalogue, clock, origin })
  return {
    'catalogue.show': (_input, caller) => adminOf(caller).count(),

    'catalogue.games': (page) =>
      readPage(
        page,
        ({ limit, after }) => store.catalogue.listGames({ limit, after }),
        ({ gameId }) => gameId,
        (game) => game,
      ),

    'catalogue.game': async ({ gameId }, caller) => adminOf(caller).getGame(gameId),

    'catalogue.limits': ({ currency, gameId, ...page }) =>
      readPage(
        page,
        ({ limit, after }) => store.catalogue.listLimits({ limit, after: after?.split(' '), currency, gameId }),
        (row) => [row.currency, row.gameId, row.redId].join(' '),
        (row) => row,
      ),

    'catalogue.export': async ({ form = 'json' }) => ({ form, text: await writeCatalogue(await heldCatalogue(), form) }),

    'catalogue.import': async ({ form, text }, caller) => {
      const parsed = await slowly('catalogue', () => readCatalogue({ text, form }))
      const difference = await adminOf(caller).replace(parsed)
      return { ...catalogueCounts(parsed), difference: difference as unknown as AdminOutput<'catalogue.import'>['difference'] }
    },
  }
}
