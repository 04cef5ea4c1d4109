import Type from 'typebox'
import { fields, time } from './operation.ts'

/** Input of operations that create a secret: a link to pass on instead of the secret. */
export const handOver = Type.Optional(
  Type.Boolean({
    description: 'A one-time link that shows the secret to whoever opens it, instead of the secret itself',
    rule: 'true or false',
  }),
)

export const madeHandOver = Type.Optional(
  fields({ url: Type.String({ description: 'Opens once, within 24 hours; shown only now' }), expiresAt: time }),
)
