import { compileFields } from '@lobbykey/contract'
import type { Static, TObject } from 'typebox'
import { readJsonBody } from '../json-body.ts'
import { established, type SellerFieldsStep, type SellerStep } from './seller-call.ts'

/** Every body of this API is a flat object. */
const jsonLimits = { depthMax: 1, keysMax: 64, plainNumbers: false }

/** The body as strict JSON (10002). */
export const readBody: SellerStep = {
  name: 'body',
  run: (call) => {
    call.body = readJsonBody(call.request, jsonLimits)
  },
}

/** The same, but an absent body means no fields. */
export const readOptionalBody: SellerStep = {
  name: 'body',
  run: (call) => {
    const { body } = call.request
    const isEmpty = body === undefined || (Buffer.isBuffer(body) && body.length === 0)
    call.body = isEmpty ? {} : readJsonBody(call.request, jsonLimits)
  },
}

/** Validates the body's fields and refuses unknown ones (10005); then runs the operation's own step with the typed fields. */
export function withFields<S extends TObject>(schema: S, own: SellerFieldsStep<Static<S>>): [fields: SellerStep, own: SellerStep] {
  const verify = compileFields<Static<S>>(schema)
  return [
    {
      name: 'fields',
      run: (call) => {
        call.fields = verify(established(call.body))
      },
    },
    // Validated by the previous step, with the same schema.
    { name: own.name, run: (call) => own.run(call, established(call.fields) as Static<S>) },
  ]
}
