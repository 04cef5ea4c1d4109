/** What travels on the wire, once. Imports nothing of ours; runs in Node and in the browser. */
export * from './canonical.ts'
export * from './catalogue.ts'
export * from './check-fields.ts'
export * from './envelope.ts'
export * from './gateway-error.ts'
export * from './member-fields.ts'
export * from './seller-fields.ts'
export * from './strict-json.ts'
