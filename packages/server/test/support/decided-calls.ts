import { GatewayError } from '@lobbykey/contract'
import type { DecidedCall, RefusedCall } from '../../src/core/records/decided-call.ts'

/** A member login as the records hear of it. */
export function decidedCall(changes: Partial<DecidedCall> = {}): DecidedCall {
  return {
    at: 60_000,
    surface: 'member-api',
    call: 'login',
    code: '200',
    requestId: 'r1',
    address: '203.0.113.9',
    agentId: undefined,
    isKnown: false,
    subject: undefined,
    ...changes,
  }
}

/** One for a merchant that there is not, unless said otherwise. */
export function refusedCall(changes: Partial<RefusedCall> = {}): RefusedCall {
  return { ...decidedCall({ code: '700101' }), kind: 'member.login', error: new GatewayError('merchant_not_found'), ...changes }
}
