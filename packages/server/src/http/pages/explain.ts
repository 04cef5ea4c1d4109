import { bodyBytesMax, catalogue, GatewayError, memberFailure, parameterError, signedCalls } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddressList } from '../../core/base/address-list.ts'
import type { Clock } from '../../core/base/clock.ts'
import { addressKey } from '../../core/base/network-address.ts'
import { type CallerExplanations, explainForCaller } from '../../core/explain/explain-for-caller.ts'
import type { ExplainQuestion } from '../../core/explain/explain-request.ts'
import { readRequest } from '../../core/explain/read-request.ts'
import { givenTextMax } from '../../core/explain/text/given-text.ts'
import { printLineFor } from '../../core/explain/text/print-line.ts'
import { type Limiter, verifyAdmitted } from '../../core/limits/rate-limiter.ts'
import { acceptOnlyJson, readJsonBody } from '../json-body.ts'
import { reportError } from '../report-error.ts'
import { setRetryAfter } from '../retry-after.ts'

export interface ExplainOptions {
  readonly explanations: CallerExplanations
  readonly clock: Clock
  readonly limiter: Limiter
  /** Who may ask; for everybody else the route does not exist. */
  readonly allow: AddressList
}

/** Per address and second, before anything is known of the question. */
const ratePerSecond = 2

/** Two bodies of the member API, as JSON strings. */
const questionBytesMax = 4 * bodyBytesMax

/**
 * `POST /api/sandbox/explain`: explains what is wrong with a request's signature. `{"body": …, "call"?: …, "text"?: …}`: the body as text (preferably
 * as it was sent, or the curl command that sent it) or as an object; the text that was hashed, with KEY in place of the key. Never reveals a key or a
 * digest, and never repeats the text. Its errors are those of the member API, with `code` and `message`.
 */
export async function explainRoute(app: FastifyInstance, { explanations, clock, limiter, allow }: ExplainOptions): Promise<void> {
  acceptOnlyJson(app, questionBytesMax)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply))
  // Before a byte of the body is read.
  app.addHook('onRequest', async ({ clientAddress }) => {
    if (clientAddress === null || !allow.has(clientAddress)) throw new GatewayError('path_not_found')
    await verifyAdmitted(limiter.take(`explain:${addressKey(clientAddress)}`, ratePerSecond, clock.now()), 'rate_limited')
  })
  app.post('/api/sandbox/explain', async (request, reply) => {
    const explanation = await explainForCaller(explanations, readQuestion(request, clock.now()), request.clientAddress)
    return reply.header('cache-control', 'no-store').send(explanation)
  })
}

function readQuestion(request: FastifyRequest, now: number): ExplainQuestion {
  const { body, call, text, ...others } = readJsonBody(request, { depthMax: 6, keysMax: 128, plainNumbers: false })
  if (Object.keys(others).length > 0) throw parameterError('the request', 'has no fields but body, call and text')
  const isObject = typeof body === 'object' && body !== null
  if (!isObject && (typeof body !== 'string' || body === '')) throw parameterError('body', 'must be the refused request, as text or object')
  const read = readRequest(isObject ? JSON.stringify(body) : String(body))
  const signedCall = call === undefined ? read.call : signedCalls.find(({ name }) => name === call)
  if (signedCall === undefined) throw parameterError('call', `must be one of ${signedCalls.map(({ name }) => name).join(', ')}`)
  if (signedCall === null) throw parameterError('body', 'must be a JSON object, a URL with its query, or a curl command')
  if (text !== undefined && (typeof text !== 'string' || text.length > givenTextMax))
    throw parameterError('text', `must be the text that was hashed, ${givenTextMax} characters at most, with KEY in the key's place`)
  const printLine = printLineFor(request.headers['user-agent'])
  return { call: signedCall, body: read.body, now, origin: read.origin, text: text ?? null, printLine }
}

function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = reportError(error, request)
  const { key, details } = known
  setRetryAfter(reply, details.retryAfterMs)
  reply
    .code(catalogue[key].http)
    .header('cache-control', 'no-store')
    .send({ error: key, ...memberFailure(known) })
}
