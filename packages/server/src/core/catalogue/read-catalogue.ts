import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { GatewayError } from '@lobbykey/contract'
import type { Catalogue } from '../../store/store.ts'
import { parseCatalogue } from './catalogue-import.ts'

/** Smaller files are read faster than a thread starts. */
const ownThreadCharsMin = 64 * 1024

export interface CatalogueWork {
  readonly text: string
  readonly form: 'json' | 'csv'
}

/** What the thread tells: some rows at a time, so that receiving them is short. The next are sent when asked for. */
export type CataloguePiece =
  | { readonly part: keyof Catalogue; readonly rows: readonly never[] }
  | { readonly problem: string }
  | { readonly isEnd: true }

/** The same as `parseCatalogue`, which takes seconds for a large file, in a thread. @throws GatewayError invalid_parameter */
export async function readCatalogue({ text, form }: CatalogueWork): Promise<Catalogue> {
  if (text.length < ownThreadCharsMin) return parseCatalogue(text, form)
  const catalogue = { games: [] as never[], tables: [] as never[], limits: [] as never[] }
  const worker = new Worker(new URL('./catalogue-worker.ts', import.meta.url))
  try {
    worker.postMessage({ text, form } satisfies CatalogueWork)
    for (;;) {
      const [piece] = (await once(worker, 'message')) as [CataloguePiece]
      if ('isEnd' in piece) return catalogue
      if ('problem' in piece) throw new GatewayError('invalid_parameter', { message: piece.problem })
      catalogue[piece.part].push(...piece.rows)
      worker.postMessage(null)
    }
  } finally {
    await worker.terminate()
  }
}
