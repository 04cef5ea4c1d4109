/** The file format of `lobbykey apply` and `lobbykey export`. */
import Type, { type Static } from 'typebox'
import { labels } from './labels.ts'
import { enablement, merchantSettings } from './merchants.ts'
import { fields } from './operation.ts'

const secretSource = Type.String({
  pattern: '^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$',
  description: 'Where to read an existing key from; the file itself contains none',
  rule: 'env:NAME or file:PATH',
})

export const declaredMerchant = Type.Object(
  {
    status: Type.Optional(enablement),
    ...Type.Partial(fields(merchantSettings)).properties,
    key: Type.Optional(secretSource),
  },
  { additionalProperties: false },
)

export const declaredService = fields({ status: Type.Optional(enablement), labels: Type.Optional(labels) })

export type DeclaredMerchant = Static<typeof declaredMerchant>
export type DeclaredService = Static<typeof declaredService>

/** By ID. Settings that are not named keep their values. */
export interface Declaration {
  readonly merchants: Readonly<Record<string, DeclaredMerchant>>
  readonly services: Readonly<Record<string, DeclaredService>>
  /** A file for `catalogue.import`, relative to the declaration. */
  readonly catalogue: string | null
}
