/**
 * The admin API: one route per operation of the contract's list, on its own listener. It contains no rules: it reads the input, authenticates the
 * caller, and sends the result or the problem (RFC 9457). `operations/caller` decides who may do what.
 */
import { catalogue, GatewayError, verifyField } from '@lobbykey/contract'
import {
  type AdminOperationName,
  adminBasePath,
  adminOperation,
  adminOperationNames,
  decodePurpose,
  etagOf,
  etagTime,
  purpose,
  purposeHeader,
} from '@lobbykey/contract/admin'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import { OneAtATime } from '../../core/base/one-at-a-time.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import { type Caller, requireRight } from '../../operations/caller.ts'
import type { Operations } from '../../operations/index.ts'
import { acceptOnlyJson } from '../json-body.ts'
import { reportError } from '../report-error.ts'
import { sendJson } from '../response-headers.ts'
import { pathNotFound } from '../verify-requests.ts'
import type { CallerAuthentication } from './authenticate.ts'
import type { CallerLimits } from './caller-limits.ts'
import { type ConnectDependencies, connectRoutes } from './connect.ts'
import type { IdempotentAnswers } from './idempotent-answers.ts'
import { sendProblem } from './problem.ts'
import { readInput } from './read-input.ts'
import { type SignInDependencies, signInRoutes } from './sign-in.ts'

export interface AdminApiDependencies {
  readonly operations: Operations
  readonly authentication: CallerAuthentication
  readonly limits: CallerLimits
  readonly answers: IdempotentAnswers
  readonly signIn: SignInDependencies
  readonly connect: ConnectDependencies
  readonly callLog: Pick<CallLog, 'refused'>
  readonly clock: Clock
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation or sign-in call, under which refusals are recorded. */
    call?: string
  }
  interface FastifyRequest {
    /** The caller's operator, once known. */
    operatorId: string | null
  }
}

/** Maximum size of a body, bytes (check 44). */
const bodyBytesMax = 64 * 1024

/** How many large requests may wait for another one: files, which lock thousands of rows. */
const largeWaitingMax = 8

export async function adminApi(app: FastifyInstance, dependencies: AdminApiDependencies): Promise<void> {
  const methods = new Map<string, string[]>()
  const large = new OneAtATime(largeWaitingMax)
  acceptOnlyJson(app, bodyBytesMax)
  app.decorateRequest('operatorId', null)
  app.setErrorHandler((error, request, reply) => {
    const known = reportError(error, request)
    recordRefusal(dependencies, request, known)
    sendProblem(reply, known, request.id)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(reply, reportError(pathNotFound(request), request), request.id))

  await signInRoutes(app, dependencies.signIn)
  await connectRoutes(app, dependencies.connect)
  for (const name of adminOperationNames) {
    const { method, path } = adminOperation(name)
    const url = path.replaceAll(/\{(\w+)\}/g, ':$1')
    methods.set(url, [...(methods.get(url) ?? []), method])
    const handler = (request: FastifyRequest, reply: FastifyReply) => serve(name, request, reply, dependencies, large)
    app.route({ method, url, config: { call: name }, handler, ...largeBody(name, dependencies) })
  }
  for (const [url, allowed] of methods) {
    const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => !allowed.includes(method))
    const refuse = () => {
      throw new GatewayError('method_not_allowed', { allow: allowed.join(', ') })
    }
    app.route({ method: others, url, onRequest: refuse, handler: refuse })
  }
}

/** Only callers with the operation's right may send a large body, which counts twice. */
function largeBody(
  name: AdminOperationName,
  { authentication, limits }: AdminApiDependencies,
): Pick<RouteOptions, 'bodyLimit' | 'onRequest'> {
  const { bodyBytesMax: bodyLimit, right } = adminOperation(name)
  if (bodyLimit === undefined) return {}
  return {
    bodyLimit,
    onRequest: async (request) => {
      const caller = await authentication.identify(request)
      await limits.admit(caller)
      requireRight(caller, right, 'it')
    },
  }
}

/** The prefix of its routes. */
export const adminApiPrefix = adminBasePath

/** @throws GatewayError invalid_parameter */
function readPurpose(request: FastifyRequest): string | undefined {
  const { [purposeHeader]: text } = request.headers
  if (text === undefined) return undefined
  const said = typeof text === 'string' ? decodePurpose(text) : null
  verifyField('X-Purpose', purpose, said)
  return said ?? undefined
}

async function serve(
  name: AdminOperationName,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: AdminApiDependencies,
  large: OneAtATime,
): Promise<FastifyReply> {
  const { operations, authentication, answers, limits } = dependencies
  const identified = await authentication.identify(request)
  request.operatorId = identified.operatorId
  await limits.admit(identified)
  const caller = { ...identified, purpose: readPurpose(request) }
  const operation = adminOperation(name)
  const { input, isDryRun } = await readInput(operation, request)
  const expectation = operation.kind === 'change' ? readExpectation(request) : null
  const key = request.headers['idempotency-key']
  const once = key === undefined || operation.kind !== 'create' || isDryRun ? {} : { once: await answers.of({ key, name, input, caller }) }
  const run = () => operations.run(name, input, caller, { expectation, isDryRun, ...once })
  const guarded = () => (operation.isGuessable ? limits.guess('code', `${caller.operatorId}`, run) : run())
  const output = await (operation.bodyBytesMax === undefined ? guarded() : large.run(guarded))
  const etag = etagOf(output)
  if (etag !== null) reply.header('etag', etag)
  return sendJson(reply, operation.kind === 'create' && !isDryRun ? 201 : 200, output as object)
}

/** Statuses for a missing right or proof; other failures are not recorded. */
const recordedStatuses = [401, 403, 410, 429]

function recordRefusal({ callLog, clock }: AdminApiDependencies, request: FastifyRequest, error: GatewayError): void {
  // A question, which the console puts to its reader before the same call comes again; a token cannot answer it.
  if (error.key === 'confirmation_required' && request.headers.authorization === undefined) return
  if (!recordedStatuses.includes(catalogue[error.key].http)) return
  const { call = 'request' } = request.routeOptions.config
  callLog.refused({
    at: clock.now(),
    surface: 'admin-api',
    call,
    code: error.key,
    requestId: request.id,
    address: request.clientAddress,
    agentId: undefined,
    isKnown: request.operatorId !== null,
    subject: request.operatorId ?? undefined,
    kind: `admin.${call}`,
    error,
  })
}

/** Null for `*`: any current state. @throws GatewayError precondition_required, changed_meanwhile */
function readExpectation(request: FastifyRequest): number | null {
  const { 'if-match': etag } = request.headers
  if (etag === undefined) throw new GatewayError('precondition_required')
  if (etag === '*') return null
  const time = etagTime(etag)
  if (time === null) throw new GatewayError('changed_meanwhile', { message: 'If-Match is not an ETag of this server' })
  return time
}

export type { Caller }
