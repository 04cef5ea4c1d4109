import type { KeptFields } from '@lobbykey/contract'

/** The kept fields in a row of `member_sessions`. */
export interface OpaqueColumns {
  /** JSON text by the contract's names. */
  readonly opaque: string | null
  // Written for nodes of the previous release, which read them; read where such a node wrote the session (migrations/0071-session-opaque.ts).
  readonly callback: string | null
  readonly limits: string | null
  readonly custom_language: string | null
  readonly amount: string | null
}

const noColumns: OpaqueColumns = { opaque: null, callback: null, limits: null, custom_language: null, amount: null }
const noFields: KeptFields = {}

export function toOpaqueColumns(kept: KeptFields | null): OpaqueColumns {
  if (kept === null) return noColumns
  return {
    opaque: JSON.stringify(kept),
    callback: kept.callback ?? null,
    limits: kept.limits === undefined ? null : JSON.stringify(kept.limits),
    custom_language: kept.custom_language ?? null,
    amount: kept.amount ?? null,
  }
}

export function fromOpaqueColumns({ opaque, callback, limits, custom_language, amount }: OpaqueColumns): KeptFields {
  if (opaque !== null) return JSON.parse(opaque) as KeptFields
  if (callback === null && limits === null && custom_language === null && amount === null) return noFields
  return {
    ...(callback === null ? {} : { callback }),
    ...(limits === null ? {} : { limits: JSON.parse(limits) as Record<string, string> }),
    ...(custom_language === null ? {} : { custom_language }),
    ...(amount === null ? {} : { amount }),
  }
}
