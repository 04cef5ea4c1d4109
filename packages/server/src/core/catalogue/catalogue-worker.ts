/** The thread that reads one large catalogue file. Started by `read-catalogue.ts`. */
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { isGatewayError } from '@lobbykey/contract'
import type { Catalogue } from '../../store/store.ts'
import { parseCatalogue } from './catalogue-import.ts'
import type { CataloguePiece, CatalogueWork } from './read-catalogue.ts'

const rowsMax = 1_000

const port = parentPort
if (port === null) throw new Error('this is a thread of another program')
const [{ text, form }] = (await once(port, 'message')) as [CatalogueWork]
for (const piece of piecesOf(text, form)) {
  const isLast = 'isEnd' in piece || 'problem' in piece
  const asked = isLast ? null : once(port, 'message')
  port.postMessage(piece)
  await asked
}

function* piecesOf(file: string, form: CatalogueWork['form']): Generator<CataloguePiece> {
  let catalogue: Catalogue
  try {
    catalogue = parseCatalogue(file, form)
  } catch (error) {
    if (!isGatewayError(error)) throw error
    yield { problem: error.details.message ?? error.message }
    return
  }
  for (const [part, rows] of Object.entries(catalogue) as [keyof Catalogue, readonly never[]][]) {
    for (let from = 0; from < rows.length; from += rowsMax) yield { part, rows: rows.slice(from, from + rowsMax) }
  }
  yield { isEnd: true }
}
