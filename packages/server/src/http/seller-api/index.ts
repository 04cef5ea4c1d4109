/**
 * The seller API: sellers' programs log in and use their tokens. This file defines paths and the order of steps; the rules are in core.
 *
 * The order is a security property with a test: a request's form is checked before anything is looked up for it, and the caller before the request
 * itself. The order within login (throttles, then the hash, then the account) is that of `core/sellers/seller-login`.
 */
import { GatewayError, sellerLogin, sellerLogout, sellerPassword, sellerPasswordReset, sellerRefresh } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import { runSteps } from '../../core/records/steps.ts'
import type { SellerCaller } from '../../core/sellers/credential-check.ts'
import type { SellerServices } from '../../seller-services.ts'
import { answerInTime } from '../answer-in-time.ts'
import { allowOrigins, type BrowserOrigins } from '../cors.ts'
import { hangUpSignal, hasHungUp } from '../hang-up-signal.ts'
import { acceptOnlyJson } from '../json-body.ts'
import { reportError } from '../report-error.ts'
import { sendSellerFailure, sendSellerSuccess } from '../seller-envelope.ts'
import { pathNotFound } from '../verify-requests.ts'
import { readBearerToken, verifyBearerToken, verifyTokenPlace } from './bearer.ts'
import { loginStep } from './login.ts'
import { logoutStep } from './logout.ts'
import { meStep } from './me.ts'
import { passwordResetStep, passwordStep } from './password.ts'
import { readBody, readOptionalBody, withFields } from './read-body.ts'
import { refreshStep } from './refresh.ts'
import type { SellerCall, SellerOperation, SellerStep } from './seller-call.ts'
import { recordSellerCall } from './seller-records.ts'

export interface SellerApiDependencies {
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly callLog: CallLog
  readonly services: SellerServices
  readonly browserOrigins: BrowserOrigins
}

/** Every operation with its steps, in order. Media type, encoding and size of a body are checked before all of them. */
export function sellerOperations({ feed, services }: Pick<SellerApiDependencies, 'feed' | 'services'>): readonly SellerOperation[] {
  const { login, refresh, sessions, password, accessTokens } = services
  // Revocations are read from memory, and stale memory must not confirm a token (10004).
  const fresh: SellerStep = { name: 'fresh', run: () => feed.assertFresh() }
  const bearer = [verifyTokenPlace, readBearerToken, fresh, verifyBearerToken(accessTokens)]
  return [
    {
      name: 'login',
      method: 'POST',
      path: '/seller/auth/login',
      steps: [verifyTokenPlace, readBody, ...withFields(sellerLogin, loginStep(login))],
    },
    {
      name: 'refresh',
      method: 'POST',
      path: '/seller/auth/refresh',
      steps: [verifyTokenPlace, readBody, ...withFields(sellerRefresh, refreshStep(refresh))],
    },
    {
      name: 'logout',
      method: 'POST',
      path: '/seller/auth/logout',
      steps: [...bearer, readOptionalBody, ...withFields(sellerLogout, logoutStep(sessions))],
    },
    {
      name: 'password',
      method: 'POST',
      path: '/seller/auth/password',
      steps: [...bearer, readBody, ...withFields(sellerPassword, passwordStep(password))],
    },
    {
      name: 'password_reset',
      method: 'POST',
      path: '/seller/auth/password/reset',
      steps: [verifyTokenPlace, readBody, ...withFields(sellerPasswordReset, passwordResetStep(password))],
    },
    { name: 'me', method: 'GET', path: '/seller/auth/me', steps: [...bearer, meStep(sessions)] },
  ]
}

/** Serves the operations under the prefix it is registered with, and answers every other path there in the seller envelope. */
export async function sellerApi(app: FastifyInstance, dependencies: SellerApiDependencies): Promise<void> {
  const { clock, callLog } = dependencies
  const operations = sellerOperations(dependencies)
  const methods = new Map(operations.map(({ path, method }) => [app.prefix + path, method]))

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply, operation?: SellerOperation, call?: SellerCall) => {
    const known = reportError(error, request)
    const called = operation ?? operations.find(({ path }) => app.prefix + path === request.routeOptions.url)
    sendSellerFailure(reply, known, clock.now())
    recordSellerCall(callLog, request, clock.now(), { operation: called, call, error: known })
  }

  acceptOnlyJson(app)
  allowOrigins(app, dependencies.browserOrigins)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply))
  // Before a body is read: unknown paths accept none.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done()
    const allow = methods.get(request.url.split('?', 1)[0] ?? '')
    done(allow === undefined ? pathNotFound(request) : new GatewayError('method_not_allowed', { allow }))
  })
  app.setNotFoundHandler((request, reply) => fail(pathNotFound(request), request, reply))

  for (const operation of operations) {
    app.route({
      method: operation.method,
      url: operation.path,
      // Every answered call is recorded below.
      config: { isQuiet: true },
      handler: (request, reply) => {
        const call: SellerCall = { request, caller: new HttpSellerCaller(request, reply), begun: performance.now(), stepIndex: -1 }
        const failed = (error: unknown) => {
          // The caller is gone and its work was dropped: there is no answer to send and no refusal to record. What was decided before is recorded.
          if (hasHungUp(reply) && error === call.caller.signal.reason) reply.hijack()
          else fail(error, request, reply, operation, call)
        }
        const waiting = answerInTime(failed)
        runSteps(operation.steps, call).then(
          () => {
            if (!waiting.end()) return
            sendSellerSuccess(reply, call.answer ?? {}, clock.now(), call.advice === undefined ? [] : ['x-token-advice', call.advice])
            recordSellerCall(callLog, request, clock.now(), { operation, call, error: null })
          },
          (error: unknown) => {
            if (waiting.end()) failed(error)
          },
        )
      },
    })
  }
}

class HttpSellerCaller implements SellerCaller {
  readonly address: string | null
  readonly requestId: string
  readonly #reply: FastifyReply
  #signal: AbortSignal | null = null

  constructor({ clientAddress, id }: FastifyRequest, reply: FastifyReply) {
    this.address = clientAddress
    this.requestId = id
    this.#reply = reply
  }

  /** Made when it is first asked for: most calls never wait. */
  get signal(): AbortSignal {
    this.#signal ??= hangUpSignal(this.#reply)
    return this.#signal
  }
}
