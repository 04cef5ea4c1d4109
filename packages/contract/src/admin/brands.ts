/** The look of the pages that players and sellers see: for all merchants under `*`, for one under its ID. A merchant with its own brand takes nothing from the brand for all. */
import Type, { type TSchema } from 'typebox'
import { fields, operation, page, pageFields, shownName, time } from './operation.ts'

/** Of a logo's file. */
export const logoBytesMax = 64 * 1024
/** Of a logo, in pixels a side. */
export const logoSideMax = 1024
export const logoTypes = ['image/png', 'image/webp'] as const
export type LogoType = (typeof logoTypes)[number]

const brandOf = Type.String({
  pattern: '^(?:\\*|[A-Za-z0-9_-]{1,64})$',
  description: 'The merchant; * for all without their own brand, and for the page where sellers set a password',
  rule: '1 to 64 of A-Z a-z 0-9 _ -, or *',
})

const nullable = <T extends TSchema>(schema: T, notes: { description: string; rule: string }) => Type.Union([schema, Type.Null()], notes)
const color = (description: string) =>
  nullable(Type.String({ pattern: '^#[0-9A-Fa-f]{6}$' }), { description, rule: 'a colour such as #1a5fb4, or null' })
const logoRule = `base64 of a PNG or WebP file of up to ${logoBytesMax / 1024} KiB, or null`

const settings = {
  title: nullable(shownName(''), { description: 'The name at the top', rule: 'a name of 1 to 100 visible characters, or null' }),
  accentColor: color('The colour of buttons, and of links where it is readable'),
  headerColor: color('The colour of the band at the top'),
  supportUrl: nullable(Type.String({ minLength: 1, maxLength: 512 }), {
    description: 'Where players find help',
    rule: 'an https URL or mailto:address, or null',
  }),
}

/** What `brand.set` takes. */
export const brandSettings = {
  ...settings,
  logo: nullable(Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 4 * Math.ceil(logoBytesMax / 3) }), {
    description: `A PNG or WebP of up to ${logoSideMax} pixels a side, in base64; everything but the picture itself is removed`,
    rule: logoRule,
  }),
} as const

const logo = {
  type: Type.Enum([...logoTypes]),
  width: Type.Integer(),
  height: Type.Integer(),
  sha256: Type.String({ description: 'Of the file as it is served, in hexadecimal' }),
}

const brandFields = {
  agentId: brandOf,
  ...settings,
  logo: Type.Union([fields(logo), Type.Null()]),
  adjustments: Type.Array(Type.String(), {
    description: 'What is shown in another colour because the given one is not readable there (WCAG AA)',
  }),
  createdAt: time,
  updatedAt: time,
}
const brand = fields(brandFields)

export const brandOperations = {
  'brand.list': operation({
    summary: 'Lists the brand for all merchants, and those of single merchants.',
    method: 'GET',
    path: '/brands',
    input: fields(pageFields),
    output: page(brand),
    right: 'merchants.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
  'brand.show': operation({
    summary: 'Shows a brand with its logo.',
    method: 'GET',
    path: '/brands/{agentId}',
    input: fields({ agentId: brandOf }),
    output: fields({
      ...brandFields,
      logo: Type.Union([fields({ ...logo, data: Type.String({ description: 'The file, in base64' }) }), Type.Null()]),
    }),
    right: 'merchants.read',
    reach: 'merchant',
    event: null,
    kind: 'read',
  }),
  'brand.set': operation({
    summary: 'Changes the given parts of a brand; null removes a part.',
    method: 'PUT',
    path: '/brands/{agentId}',
    input: Type.Object({ agentId: brandOf, ...Type.Partial(fields(brandSettings)).properties }, { additionalProperties: false }),
    output: brand,
    right: 'merchants.write',
    reach: 'merchant',
    event: 'brand.set',
    kind: 'act',
    bodyBytesMax: 2 * logoBytesMax,
  }),
  'brand.remove': operation({
    summary: 'Removes a brand: its merchant gets the brand for all again.',
    method: 'DELETE',
    path: '/brands/{agentId}',
    input: fields({ agentId: brandOf }),
    output: fields({ agentId: brandOf, removed: Type.Boolean() }),
    right: 'merchants.write',
    reach: 'merchant',
    event: 'brand.removed',
    kind: 'act',
  }),
} as const
