import { compileFields, dropEmpty, type SignedCall } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { SignedCallProgress, SignedFields } from '../../core/members/signed-call.ts'
import type { Step } from '../../core/records/steps.ts'
import { readJsonBody } from '../json-body.ts'
import { readStrictQuery } from '../strict-query.ts'

/** A signed call on this surface: the rules in core never see the request. */
export interface MemberRequestState extends SignedCallProgress {
  readonly request: FastifyRequest
  /** As it was sent. */
  input?: Record<string, unknown>
}

interface InputState extends MemberRequestState {
  input: Record<string, unknown>
}

/** `limits` is the only nested field; deeper nesting is better reported as a wrong type. */
const jsonLimits = { depthMax: 5, keysMax: 64, plainNumbers: true }

/** The first two steps: a strict JSON body, or a strict query for GET, then the validation of each field. */
export function readSteps(call: SignedCall) {
  const verifyFields = compileFields<SignedFields>(call.schema)
  const known = call.schema.properties
  const body: Step<MemberRequestState> = {
    name: 'body',
    run: (state) => {
      state.input = readJsonBody(state.request, jsonLimits)
    },
    fact: ({ request }) => ['bytes', Buffer.isBuffer(request.body) ? request.body.length : 0],
  }
  const query: Step<MemberRequestState> = {
    name: 'query',
    run: (state) => {
      state.input = readStrictQuery(state.request.url)
    },
    fact: ({ request }) => ['path-bytes', request.url.length],
  }
  return {
    input: call.method === 'GET' ? query : body,
    fields: {
      name: 'fields',
      run: (state) => {
        state.fields = verifyFields(dropEmpty(state.input, known, call.clearable))
      },
    } satisfies Step<InputState>,
  }
}
