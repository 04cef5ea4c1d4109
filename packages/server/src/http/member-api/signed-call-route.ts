import type { SignedCall } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import { runSteps, type SignedCallState, type Step } from '../../core/signed-call.ts'
import { sendMemberSuccess } from './envelope.ts'
import type { MemberRequestState } from './read-steps.ts'

export interface ServedCall {
  readonly call: SignedCall
  readonly steps: readonly Step<SignedCallState>[]
}

export interface SignedCallRouteOptions {
  readonly clock: Clock
  readonly fail: (error: unknown, request: FastifyRequest, reply: FastifyReply, state: SignedCallState) => void
}

/** One signed call as a route: its steps in order, then the member envelope. */
export function signedCallRoute(app: FastifyInstance, { call, steps }: ServedCall, { clock, fail }: SignedCallRouteOptions): void {
  app.route({
    method: call.method,
    url: call.path.slice(app.prefix.length),
    config: { isQuiet: true },
    handler: (request, reply) => {
      const state = {
        call,
        request,
        requestId: request.id,
        address: request.clientAddress,
        now: clock.now(),
        isChecked: false,
        answer: {},
      } as unknown as MemberRequestState
      runSteps(steps, state).then(
        () => sendMemberSuccess(reply, state.answer),
        (error: unknown) => fail(error, request, reply, state),
      )
    },
  })
}
