import type { Surface } from './event-store.ts'

export interface CallCountStore {
  /** Adds to the counts of all processes. A batch whose ID was added before is ignored. */
  add(batch: CallBatch): Promise<void>
  /** Every minute or hour from `since` until before `until`, by time. */
  list(filter: CallCountFilter): Promise<CallCount[]>
  /** Summed over that time, most frequent first. */
  sum(filter: CallCountFilter): Promise<Omit<CallCount, 'at'>[]>
  /** Summed over that time and grouped. */
  group(filter: CallGroupFilter): Promise<GroupedCount[]>
  /** A merchant's origins, summed over that time, most frequent first; `at` is the last hour of each. */
  sumOrigins(filter: { agentId: string; since: number; until: number; limit: number }): Promise<CallOrigin[]>
  /** Every hour from `since` until before `until`, by time. */
  listOrigins(filter: { agentId?: string; since: number; until: number }): Promise<CallOrigin[]>
}

export interface CallBatch {
  readonly id: string
  /** When the batch was closed. */
  readonly at: number
  /** By minute. */
  readonly counts: readonly CallCount[]
  /** By hour. */
  readonly origins: readonly CallOrigin[]
}

export interface CallCountFilter {
  /** Hours include the counts of their minutes, so that a whole day can be read by the hour. */
  readonly span: 'minute' | 'hour'
  readonly since: number
  readonly until: number
  readonly agentId?: string | undefined
  readonly agentIds?: readonly string[] | undefined
  readonly surface?: string | undefined
  readonly call?: string | undefined
  readonly code?: string | undefined
  readonly onlyFailed?: boolean | undefined
}

export type CallGroupFilter = CallCountFilter & {
  readonly by: readonly CallDimension[]
  /** By group, or most frequent first. */
  readonly order: 'key' | 'count'
  /** The values of the last row read, in the order of `by`. */
  readonly after?: readonly (string | number)[] | undefined
  readonly limit: number
}

export type CallDimension = 'time' | 'surface' | 'call' | 'code' | 'merchant'

/** A group; `agentId` is empty for calls that named no merchant. */
export interface GroupedCount {
  readonly at?: number
  readonly surface?: string
  readonly call?: string
  readonly code?: string
  readonly agentId?: string
  readonly count: number
}

/** The number of calls decided with this code. */
export interface CallCount {
  /** Start of the minute or hour. */
  readonly at: number
  readonly surface: Surface
  /** `login`, `refresh`, …; `request` for unknown calls; `other` beyond a merchant's share of kinds. */
  readonly call: string
  /** The answered code. */
  readonly code: string
  /** The merchant that the call names, if it exists. */
  readonly agentId?: string | undefined
  readonly count: number
}

/** The number of a merchant's calls from one address. */
export interface CallOrigin {
  /** Start of the hour. */
  readonly at: number
  readonly agentId: string
  /** Only the merchant's name was right: the address was not on its list. */
  readonly isStranger: boolean
  /** For strangers an IPv4 address or an IPv6 /64; null for all beyond the first `originsMax` of an hour. */
  readonly address: string | null
  /** The merchant's key that verified them; null where none did. */
  readonly keyId: string | null
  readonly accepted: number
  readonly refused: number
}

/** Addresses counted separately per merchant and hour, for strangers and others each. */
export const originsMax = 100
