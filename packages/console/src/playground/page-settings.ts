import { readPageMeta } from '../shared/page-meta.ts'

/** Settings that the server puts into the page. */
export interface PageSettings {
  /** For style elements that the page creates. */
  readonly nonce: string
  /** The sandbox's sample partners; null elsewhere. */
  readonly samples: {
    readonly merchantKey: string
    readonly seller: { readonly email: string; readonly password: string }
  } | null
  /** Whether the server explains refused signatures. */
  readonly canExplain: boolean
}

export function readPageSettings(): PageSettings {
  return readPageMeta<PageSettings>() ?? { nonce: '', samples: null, canExplain: false }
}
