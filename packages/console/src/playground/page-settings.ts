import { readPageMeta } from '../shared/page-meta.ts'

/** What the server puts into the page. */
export interface PageSettings {
  /** For the style elements that the page makes. */
  readonly nonce: string
  /** The sandbox's sample partners; null elsewhere. */
  readonly samples: {
    readonly merchantKey: string
    readonly seller: { readonly email: string; readonly password: string }
  } | null
  /** Whether the server says why a signature was refused. */
  readonly canExplain: boolean
}

export function readPageSettings(): PageSettings {
  return readPageMeta<PageSettings>() ?? { nonce: '', samples: null, canExplain: false }
}
