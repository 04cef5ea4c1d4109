import type { FastifyRequest } from 'fastify'
import type { Step } from '../../core/records/steps.ts'
import type { SellerCaller } from '../../core/sellers/credential-check.ts'
import type { AccessIdentity } from '../../core/tokens/access-token-verifier.ts'

/** A call in progress; each step establishes what its comment in `index.ts` says. */
export interface SellerCall {
  readonly request: FastifyRequest
  readonly caller: SellerCaller
  /** Start time, by `performance.now()`. */
  readonly begun: number
  body?: Record<string, unknown>
  /** The body's fields, once validated. */
  fields?: object
  bearerToken?: string
  identity?: AccessIdentity
  /** Whose tokens were issued. */
  sellerId?: string
  /** Becomes `data`. */
  answer?: object
  /** Becomes `X-Token-Advice`. */
  advice?: string
  /** The current or last step; -1 before the first. */
  stepIndex: number
}

export type SellerStep = Step<SellerCall>

/** The step of an operation that takes fields. */
export interface SellerFieldsStep<Fields> {
  readonly name: string
  run(call: SellerCall, fields: Fields): void | Promise<void>
}

export interface SellerOperation {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly steps: readonly SellerStep[]
}

/** A value that an earlier step has established; throws when the step list lacks that step. */
export function established<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a step runs before the one it builds on')
  return value
}
