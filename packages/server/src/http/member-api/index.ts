/**
 * The member API: signed calls of merchants' back ends. This file defines the order of checks; the rules themselves are in core.
 *
 * The order is a security property (member-login.md, "Order of checks") with a test: nothing is computed for a caller before it has proven enough,
 * and nothing about members is revealed to a caller with a wrong signature.
 */
import {
  GatewayError,
  gameList,
  guestLogin,
  limitList,
  memberCreate,
  memberLock,
  memberLogin,
  memberLogout,
  memberUpdate,
  type SignedCall,
} from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { Limiter } from '../../core/limits/rate-limiter.ts'
import { catalogueListSteps } from '../../core/members/catalogue-lists.ts'
import { type GuestLoginDependencies, guestLoginSteps } from '../../core/members/guest-login.ts'
import { freshForLock, type MemberLifecycleDependencies, memberLifecycleSteps } from '../../core/members/member-lifecycle.ts'
import { type MemberLoginDependencies, memberLoginSteps } from '../../core/members/member-login.ts'
import {
  type SignedCallDependencies,
  type SignedCallProgress,
  type SignedCallState,
  signedCallSteps,
  verifyAddressRate,
} from '../../core/members/signed-call.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import type { Step, TraceValues } from '../../core/records/steps.ts'
import { acceptOnlyJson } from '../json-body.ts'
import { reportError } from '../report-error.ts'
import { pathNotFound } from '../verify-requests.ts'
import { type MemberHttpStatus, sendMemberFailure } from './envelope.ts'
import { MemberRecords } from './member-records.ts'
import { type MemberRequestState, readSteps } from './read-steps.ts'
import { type ServedCall, signedCallRoute } from './signed-call-route.ts'

export interface MemberApiDependencies {
  readonly clock: Clock
  readonly limiter: Limiter
  /** Requests per second from one network address; 0 for no limit. */
  readonly ratePerAddress: number
  readonly httpStatus: MemberHttpStatus
  readonly callLog: CallLog
  readonly traceValues: TraceValues
  /** Encrypts the text of a request that was refused for its signature, for its trace; undefined when it is too long. */
  readonly sealRequest: (text: string) => string | undefined
  readonly signedCalls: SignedCallDependencies
  readonly login: MemberLoginDependencies
  readonly guestLogin: GuestLoginDependencies
  readonly lifecycle: MemberLifecycleDependencies
}

/** Every call with its steps, in order. The rate limit by address comes first, before a byte of the body is read. */
export function memberCalls(
  dependencies: Pick<MemberApiDependencies, 'signedCalls' | 'login' | 'guestLogin' | 'lifecycle'>,
): readonly ServedCall[] {
  const signed = signedCallSteps(dependencies.signedCalls)
  const login = memberLoginSteps(dependencies.login)
  const guest = guestLoginSteps(dependencies.guestLogin)
  const lifecycle = memberLifecycleSteps(dependencies.lifecycle)
  const lists = catalogueListSteps(dependencies.login.catalogue)
  const served = (call: SignedCall, ...own: readonly Step<SignedCallState>[]): ServedCall => {
    const read = readSteps(call)
    const fresh = call === memberLock ? freshForLock(signed.fresh) : signed.fresh
    const { merchant, addressList, rateByMerchant, timestamp, signature } = signed
    return { call, steps: [read.input, read.fields, fresh, merchant, addressList, rateByMerchant, timestamp, signature, ...own] }
  }
  return [
    served(memberLogin, login.currency, login.limits, login.callback, login.session),
    served(memberCreate, lifecycle.create),
    served(memberUpdate, lifecycle.update),
    served(memberLock, lifecycle.lock),
    served(memberLogout, lifecycle.logout),
    served(guestLogin, login.currency, login.callback, guest.session),
    served(gameList, lists.games),
    served(limitList, lists.limits),
  ]
}

/** Serves the signed calls, and answers every unknown path under its prefix in the member envelope. */
export async function memberApi(app: FastifyInstance, dependencies: MemberApiDependencies): Promise<void> {
  const { clock, limiter, ratePerAddress, httpStatus, callLog } = dependencies
  const calls = memberCalls(dependencies)
  const { traceValues: values, sealRequest } = dependencies
  const { merchants } = dependencies.signedCalls
  const records = new MemberRecords({ log: callLog, merchants, values, sealRequest, calls })

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply, state?: MemberRequestState) => {
    const known = reportError(error, request)
    sendMemberFailure(reply, known, httpStatus, state !== undefined)
    records.refused(known, request, clock.now(), state)
  }

  const passed = (served: ServedCall, state: SignedCallProgress) => records.accepted(served, state)

  acceptOnlyJson(app)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply))
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      const pending = verifyAddressRate(limiter, request.clientAddress, ratePerAddress, clock.now())
      if (pending === undefined) done()
      else pending.then(() => done(), done)
    } catch (error) {
      done(error as Error)
    }
  })
  for (const served of calls) signedCallRoute(app, served, { clock, passed, fail })

  const methods = new Map(calls.map(({ call }) => [call.path, call.method]))
  app.setNotFoundHandler((request, reply) => {
    const allow = methods.get(request.url.split('?', 1)[0] ?? '')
    const message =
      request.headers.origin === undefined ? {} : { message: "signed calls come from the merchant's back end, never from a page" }
    fail(allow === undefined ? pathNotFound(request) : new GatewayError('method_not_allowed', { allow, ...message }), request, reply)
  })
}
