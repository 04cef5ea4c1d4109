import Type from 'typebox'
import { fields, time } from './operation.ts'

/** Input of what makes a secret: a link to give away, and the secret stays untold. */
export const handOver = Type.Optional(
  Type.Boolean({
    description: 'A one-time link that shows the secret, for whoever needs it, in place of the secret itself',
    rule: 'true or false',
  }),
)

export const madeHandOver = Type.Optional(
  fields({ url: Type.String({ description: 'Opens once, within 24 hours; shown only now' }), expiresAt: time }),
)
