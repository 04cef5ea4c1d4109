/** The file format of `lobbykey apply` and `lobbykey export`. */
import Type, { type Static } from 'typebox'
import { brandSettings } from './brands.ts'
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

/** The logo in base64, or as a file. */
export const declaredBrand = Type.Partial(
  fields({
    ...brandSettings,
    logo: Type.Union([Type.String({ pattern: '^file:.+$' }), brandSettings.logo], {
      description: 'A PNG or WebP: its file, relative to the declaration, or base64',
      rule: 'file:PATH, base64, or null',
    }),
  }),
  { additionalProperties: false },
)

export type DeclaredBrand = Static<typeof declaredBrand>
export type DeclaredMerchant = Static<typeof declaredMerchant>
export type DeclaredService = Static<typeof declaredService>

/** By ID. Settings that are not named keep their values. */
export interface Declaration {
  readonly merchants: Readonly<Record<string, DeclaredMerchant>>
  readonly services: Readonly<Record<string, DeclaredService>>
  /** By merchant; `*` for all without their own. */
  readonly brands: Readonly<Record<string, DeclaredBrand>>
  /** A file for `catalogue.import`, relative to the declaration. */
  readonly catalogue: string | null
}
