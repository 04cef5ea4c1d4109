import type { SignedCall } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { SignedCallState } from '../../core/members/signed-call.ts'
import { runSteps, type Step } from '../../core/records/steps.ts'
import { inTime } from '../answer-in-time.ts'
import { sendMemberSuccess } from './envelope.ts'
import type { MemberRequestState } from './read-steps.ts'

export interface ServedCall {
  readonly call: SignedCall
  readonly steps: readonly Step<SignedCallState>[]
}

export interface SignedCallRouteOptions {
  readonly clock: Clock
  readonly passed: (served: ServedCall, state: SignedCallState) => void
  readonly fail: (error: unknown, request: FastifyRequest, reply: FastifyReply, state: SignedCallState) => void
}

/** One signed call as a route: its steps in order, then the member envelope. */
export function signedCallRoute(app: FastifyInstance, served: ServedCall, { clock, passed, fail }: SignedCallRouteOptions): void {
  const { call, steps } = served
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
        stepIndex: -1,
      } as unknown as MemberRequestState
      inTime(runSteps(steps, state)).then(
        () => {
          sendMemberSuccess(reply, state.answer)
          passed(served, state)
        },
        (error: unknown) => fail(error, request, reply, state),
      )
    },
  })
}
