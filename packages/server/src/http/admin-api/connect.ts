/** The calls of programs that want a token and have none yet (`core/operators/connection-requests`). */
import { compileFields } from '@lobbykey/contract'
import { type ConnectCall, type ConnectInput, type ConnectOutput, connectCalls } from '@lobbykey/contract/admin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AdminSite } from '../../core/operators/admin-site.ts'
import type { ConnectionRequests } from '../../core/operators/connection-requests.ts'
import { readJsonBody } from '../json-body.ts'
import { sendJson } from '../response-headers.ts'
import type { CallerLimits } from './caller-limits.ts'

export interface ConnectDependencies {
  readonly requests: ConnectionRequests
  readonly limits: CallerLimits
  readonly site: AdminSite
}

const jsonLimits = { depthMax: 3, keysMax: 64, plainNumbers: true }

/** Where an operator enters the code. Not with the code in it: whoever sends a link must not bring a request onto another's screen. */
const verificationPath = '/console/connect'

type Answers = { readonly [Call in ConnectCall]: (input: ConnectInput<Call>, request: FastifyRequest) => Promise<ConnectOutput<Call>> }

export async function connectRoutes(app: FastifyInstance, { requests, limits, site }: ConnectDependencies): Promise<void> {
  const answers: Answers = {
    request: async ({ host, user, name, rights, agentIds, days = 90, allowConfirmed = false }, { clientAddress }) => {
      const made = await requests.add({ host, user, name, rights, agentIds, days, allowConfirmed }, clientAddress)
      return { ...made, verificationUrl: site.url + verificationPath, expiresAt: new Date(made.expiresAt).toISOString() }
    },

    poll: async ({ deviceCode }, { clientAddress, id: requestId }) => {
      const outcome = await requests.poll(deviceCode, { address: clientAddress ?? undefined, requestId })
      return outcome.state === 'granted' ? { ...outcome, expiresAt: new Date(outcome.expiresAt).toISOString() } : outcome
    },
  }
  for (const [name, { path, input }] of Object.entries(connectCalls)) {
    const check = compileFields(input)
    const answer = answers[name as ConnectCall] as (input: never, request: FastifyRequest) => Promise<object>
    // A program polls every few seconds; what comes of it is an event.
    app.post(path, { config: { call: `connect.${name}`, isQuiet: name === 'poll' } }, async (request, reply) => {
      await limits.admitStranger(request.clientAddress)
      return sendJson(reply, 200, await answer(check(readJsonBody(request, jsonLimits)) as never, request))
    })
  }
}
