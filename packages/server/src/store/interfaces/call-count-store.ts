import type { Surface } from './event-store.ts'

export interface CallCountStore {
  /** Adds to what is there, of whatever process. A batch that was added before, by its ID, is not added again. */
  add(batch: CallBatch): Promise<void>
  /** By time, each minute or hour from `since` to before `until`. */
  list(filter: CallCountFilter): Promise<CallCount[]>
  /** Of that time together, the most frequent first. */
  sum(filter: CallCountFilter): Promise<Omit<CallCount, 'at'>[]>
  /** Of that time together, but for what is told apart. */
  group(
    filter: CallCountFilter & {
      readonly by: readonly CallDimension[]
      /** By what is told apart, or the most frequent first. */
      readonly order: 'key' | 'count'
      /** The values of the last row read, in the order of `by`. */
      readonly after?: readonly (string | number)[] | undefined
      readonly limit: number
    },
  ): Promise<GroupedCount[]>
  /** A merchant's origins of that time together, the most frequent first; `at` is the last hour of each. */
  sumOrigins(filter: { agentId: string; since: number; until: number; limit: number }): Promise<CallOrigin[]>
  /** By time, each hour from `since` to before `until`. */
  listOrigins(filter: { agentId?: string; since: number; until: number }): Promise<CallOrigin[]>
}

export interface CallBatch {
  readonly id: string
  /** When it was closed. */
  readonly at: number
  /** By minute. */
  readonly counts: readonly CallCount[]
  /** By hour. */
  readonly origins: readonly CallOrigin[]
}

export interface CallCountFilter {
  /** Every minute is in its hour's count too, so that a day need not be read by the minute. */
  readonly span: 'minute' | 'hour'
  readonly since: number
  readonly until: number
  readonly agentId?: string | undefined
  readonly agentIds?: readonly string[] | undefined
  readonly surface?: string | undefined
  readonly call?: string | undefined
  readonly code?: string | undefined
}

export type CallDimension = 'time' | 'surface' | 'call' | 'code' | 'merchant'

/** What was told apart; `agentId` is empty for calls that named no merchant. */
export interface GroupedCount {
  readonly at?: number
  readonly surface?: string
  readonly call?: string
  readonly code?: string
  readonly agentId?: string
  readonly count: number
}

/** How many calls were decided with this code. */
export interface CallCount {
  /** Where the minute or hour begins. */
  readonly at: number
  readonly surface: Surface
  /** `login`, `refresh`, …; `request` for what is no call that there is; `other` where a merchant's share of kinds was used up. */
  readonly call: string
  /** The code answered. */
  readonly code: string
  /** The merchant that the call names, if there is one. */
  readonly agentId?: string | undefined
  readonly count: number
}

/** How many calls of a merchant came from an address. */
export interface CallOrigin {
  /** Where the hour begins. */
  readonly at: number
  readonly agentId: string
  /** Nothing but the merchant's name was right about them: the address was not on its list. */
  readonly isStranger: boolean
  /** Of a stranger an IPv4 address or the /64 of an IPv6 one; null for all beyond the first `originsMax` of an hour. */
  readonly address: string | null
  /** The merchant's key that verified them; null where none did. */
  readonly keyId: string | null
  readonly accepted: number
  readonly refused: number
}

/** Addresses a merchant and hour that are told apart, of strangers and of others each. */
export const originsMax = 100
