import { GatewayError, parameterError } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import type { DecidedCall } from '../../core/records/decided-call.ts'
import type { ServiceAuthentication } from '../../core/services/service-authentication.ts'
import type { Service } from '../../core/services/service-registry.ts'
import { inTime } from '../answer-in-time.ts'
import { acceptOnlyForms, readForm } from '../form-body.ts'
import { reportError } from '../report-error.ts'
import { readServiceCredentials } from '../service-credentials.ts'
import { pathNotFound } from '../verify-requests.ts'
import { oauthErrorOf, sendOauthAnswer, sendOauthFailure } from './oauth-answer.ts'

export interface ServiceCallDependencies {
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly callLog: CallLog
  readonly serviceAuthentication: ServiceAuthentication
}

const acceptedCode = '200'

export type Form = ReadonlyMap<string, string>

/** A call of an authenticated service. */
export interface ServiceCall {
  readonly service: Service
  readonly request: FastifyRequest
}

export interface ServiceCalls {
  /** `POST /NAME` with a form: resolves with the body of the answer, as JSON text or as an object. */
  readonly post: Readonly<Record<string, (form: Form, call: ServiceCall) => Promise<object | string>>>
  /** `GET /NAME`: answers by itself. */
  readonly get?: Readonly<Record<string, (reply: FastifyReply, call: ServiceCall) => Promise<void>>>
  /** Prefix of each call's name in the records: `session_`. */
  readonly recordedAs: string
}

/**
 * Calls of registered services, under the app's prefix.
 *
 * The order of steps is a security property: form, then the caller, then whether memory is fresh, and only then the request.
 */
export function serviceCalls(
  app: FastifyInstance,
  dependencies: ServiceCallDependencies,
  { post, get = {}, recordedAs }: ServiceCalls,
): void {
  const { clock, callLog, feed, serviceAuthentication } = dependencies
  const decided = (request: FastifyRequest, name: string, code: string, service?: Service, begun?: number): DecidedCall => {
    const { id: requestId, clientAddress: address } = request
    const who = { agentId: undefined, isKnown: service !== undefined, subject: service?.id }
    return { at: clock.now(), begun, surface: 'verify-api', call: `${recordedAs}${name}`, code, requestId, address, ...who }
  }
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply, name = 'request', service?: Service, begun?: number) => {
    const known = reportError(error, request)
    const call = decided(request, name, oauthErrorOf(known), service, begun)
    callLog.refused({ ...call, kind: `service.${call.call}`, error: known })
    sendOauthFailure(reply, known)
  }
  const admit = (request: FastifyRequest, form?: Form): Promise<Service> =>
    serviceAuthentication.verify(readServiceCredentials(request, form), request.clientAddress)

  acceptOnlyForms(app)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply))
  // Before a body is read: unknown paths accept none.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done()
    const name = request.url.split('?', 1)[0]?.slice(app.prefix.length + 1) ?? ''
    const allow = Object.hasOwn(post, name) ? 'POST' : Object.hasOwn(get, name) ? 'GET' : undefined
    done(allow === undefined ? pathNotFound(request) : new GatewayError('method_not_allowed', { allow }))
  })
  app.setNotFoundHandler((request, reply) => fail(pathNotFound(request), request, reply))

  for (const [name, answer] of Object.entries(post)) {
    app.post(`/${name}`, { config: { isQuiet: true } }, async (request, reply) => {
      const begun = performance.now()
      let service: Service | undefined
      try {
        const form = readForm(request)
        service = await admit(request, form)
        await feed.assertFresh()
        sendOauthAnswer(reply, await inTime(answer(form, { service, request })))
        callLog.accepted(decided(request, name, acceptedCode, service, begun))
      } catch (error) {
        fail(error, request, reply, name, service, begun)
      }
      return reply
    })
  }
  for (const [name, answer] of Object.entries(get)) {
    app.get(`/${name}`, async (request, reply) => {
      const begun = performance.now()
      let service: Service | undefined
      try {
        service = await admit(request)
        await feed.assertFresh()
        await answer(reply, { service, request })
        callLog.accepted(decided(request, name, acceptedCode, service, begun))
      } catch (error) {
        fail(error, request, reply, name, service, begun)
      }
      return reply
    })
  }
}

/** @throws GatewayError invalid_parameter */
export function requiredParameter(form: Form, name: string): string {
  const value = form.get(name)
  if (value === undefined || value === '') throw parameterError(name, 'is required')
  return value
}
