import { compileFields } from '@lobbykey/contract'
import type { TObject } from 'typebox'
import { readJsonBody } from '../json-body.ts'
import { established, type SellerStep } from './seller-call.ts'

/** Every body of this API is one flat object. */
const jsonLimits = { depthMax: 1, keysMax: 64, plainNumbers: false }

/** The body as strict JSON (10002). */
export const readBody: SellerStep = {
  name: 'body',
  run: (call) => {
    call.body = readJsonBody(call.request, jsonLimits)
  },
}

/** The same, where a call without a body is a call without fields. */
export const readOptionalBody: SellerStep = {
  name: 'body',
  run: (call) => {
    const { body } = call.request
    const isEmpty = body === undefined || (Buffer.isBuffer(body) && body.length === 0)
    call.body = isEmpty ? {} : readJsonBody(call.request, jsonLimits)
  },
}

/** The body's fields, each by its rule, no others (10005). */
export function verifyFields(schema: TObject): SellerStep {
  const verify = compileFields(schema)
  return {
    name: 'fields',
    run: (call) => {
      verify(established(call.body))
    },
  }
}
