import { GatewayError } from '@lobbykey/contract'
import type { DecidedCall, RefusedCall } from '../../src/core/records/decided-call.ts'

/** A member login as the records get it. */
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

/** A refused call, for a non-existing merchant by default. */
export function refusedCall(changes: Partial<RefusedCall> = {}): RefusedCall {
  return { ...decidedCall({ code: '700101' }), kind: 'member.login', error: new GatewayError('merchant_not_found'), ...changes }
}
