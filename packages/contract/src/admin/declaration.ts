/** What a file declares for `lobbykey apply`, and what `lobbykey export` writes. */
import Type, { type Static } from 'typebox'
import { labels } from './labels.ts'
import { enablement, merchantSettings } from './merchants.ts'
import { fields } from './operation.ts'

const secretSource = Type.String({
  pattern: '^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$',
  description: 'Where a key to take over comes from; a file holds none itself',
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

/** By ID. What a thing does not name stays as it is. */
export interface Declaration {
  readonly merchants: Readonly<Record<string, DeclaredMerchant>>
  readonly services: Readonly<Record<string, DeclaredService>>
  /** A file that `catalogue.import` takes, relative to the declaration. */
  readonly catalogue: string | null
}
