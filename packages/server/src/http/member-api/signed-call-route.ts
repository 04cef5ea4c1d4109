import type { SignedCall } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { SignedCallProgress } from '../../core/members/signed-call.ts'
import { runSteps, type Step } from '../../core/records/steps.ts'
import { answerInTime } from '../answer-in-time.ts'
import { sendMemberSuccess } from './envelope.ts'
import type { MemberRequestState } from './read-steps.ts'

export interface ServedCall {
  readonly call: SignedCall
  readonly steps: readonly Step<SignedCallProgress>[]
}

export interface SignedCallRouteOptions {
  readonly clock: Clock
  readonly passed: (served: ServedCall, state: SignedCallProgress) => void
  readonly fail: (error: unknown, request: FastifyRequest, reply: FastifyReply, state: MemberRequestState) => void
}

/** One signed call as a route: its steps in order, then the member envelope. */
export function signedCallRoute(app: FastifyInstance, served: ServedCall, { clock, passed, fail }: SignedCallRouteOptions): void {
  const { call, steps } = served
  app.route({
    method: call.method,
    url: call.path.slice(app.prefix.length),
    config: { isQuiet: true },
    handler: (request, reply) => {
      const state: MemberRequestState = {
        call,
        request,
        requestId: request.id,
        address: request.clientAddress,
        now: clock.now(),
        begun: performance.now(),
        answer: {},
        stepIndex: -1,
      }
      const waiting = answerInTime((late) => fail(late, request, reply, state))
      runSteps(steps, state).then(
        () => {
          if (!waiting.end()) return
          sendMemberSuccess(reply, state.answer)
          passed(served, state)
        },
        (error: unknown) => {
          if (waiting.end()) fail(error, request, reply, state)
        },
      )
    },
  })
}
