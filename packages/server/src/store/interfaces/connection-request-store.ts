import type { Right } from '@lobbykey/contract/admin'
import type { EventInput } from './event-store.ts'

/** Programs that wait for an operator to give them a token. */
export interface ConnectionRequestStore {
  /** `full`: so many wait already, of its address or in all. */
  add(request: ConnectionRequestRecord, limits: { readonly perAddressMax: number; readonly max: number }): Promise<'added' | 'full'>
  /** One that has not expired and is not decided. */
  findOpen(codeHash: Uint8Array, now: number): Promise<ConnectionRequestRecord | null>
  /** Decides an open one; false when it is not there. */
  decide(
    id: string,
    decided: Pick<ConnectionRequestRecord, 'decision' | 'operatorId' | 'rights' | 'agentIds'>,
    now: number,
    event: EventInput,
  ): Promise<boolean>
  /** Notes a poll; one that comes too soon adds `seconds` to the pause that is asked for, up to `secondsMax`, and then notes nothing. Null when it does not exist or has expired. */
  poll(
    deviceHash: Uint8Array,
    now: number,
    slowDown: { readonly seconds: number; readonly secondsMax: number },
  ): Promise<{ readonly request: ConnectionRequestRecord; readonly isTooSoon: boolean } | null>
  /** Removes and returns an allowed one, for one of many callers. */
  take(deviceHash: Uint8Array, now: number): Promise<ConnectionRequestRecord | null>
  /** Removes one that was taken before; false when it is not there. */
  remove(id: string, event: EventInput): Promise<boolean>
}

export interface ConnectionRequestRecord {
  readonly id: string
  /** SHA-256 of the program's secret. */
  readonly deviceHash: Uint8Array
  /** SHA-256 of the code that the program shows. */
  readonly codeHash: Uint8Array
  /** What the machine calls itself and its user; nobody has verified it. */
  readonly host: string
  readonly user: string
  readonly address: string | null
  /** How limits identify the address. */
  readonly addressKey: string
  /** Of the token. */
  readonly name: string
  /** Undefined until it is allowed: whatever the operator has. */
  readonly rights: readonly Right[] | undefined
  /** Undefined likewise; null for all. */
  readonly agentIds: readonly string[] | null | undefined
  readonly days: number
  readonly allowConfirmed: boolean
  readonly createdAt: number
  readonly expiresAt: number
  readonly polledAt: number | null
  readonly pollSeconds: number
  readonly decision: 'allowed' | 'denied' | null
  /** Who decided. */
  readonly operatorId: string | null
}
