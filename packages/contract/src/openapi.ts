/** The OpenAPI 3.1 document of both partner APIs, from the operations, the server's schemas and the error catalogue. */
import { publishedKey } from './bounds.ts'
import { canonicalString, signedNames } from './canonical.ts'
import { responsesOf } from './openapi-responses.ts'
import { publicProperties, publicSchema } from './openapi-schema.ts'
import { errorText, introduction, memberText, type Sign, sellerText } from './openapi-text.ts'
import { type Operation, operations, sampleFields, unsignedFields } from './reference.ts'
import { defaultAlgorithm } from './signing-algorithms.ts'
import { snippetLanguages } from './snippets.ts'
import { type SnippetValue, timeOfRun, tokenOfRun } from './snippets-request.ts'

export interface OpenApiOptions {
  /** Of the server. */
  readonly version: string
  /** Origin of the server, without a trailing slash. */
  readonly publicUrl: string
  readonly memberHttpStatus: 'contract' | 'standard'
  readonly sign: Sign
  /** CommonMark that follows the introduction. */
  readonly notes?: string
}

export type OpenApiDocument = Readonly<Record<string, unknown>>

const tags = { member: 'Member API', seller: 'Seller API' } as const

export function buildOpenApi(options: OpenApiOptions): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const path = paths[operation.path] ?? {}
    path[operation.method.toLowerCase()] = operationObject(operation, options)
    paths[operation.path] = path
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Lobbykey',
      version: options.version,
      summary: 'Login gateway: seller tokens and member logins',
      description: options.notes === undefined ? introduction : `${introduction}\n\n${options.notes}`,
    },
    servers: [{ url: options.publicUrl }],
    tags: [
      { name: tags.member, description: memberText(options.memberHttpStatus, options.sign) },
      { name: tags.seller, description: sellerText() },
    ],
    paths,
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The accessToken of seller login' },
      },
    },
  }
}

function operationObject(operation: Operation, options: OpenApiOptions): object {
  const { schema, method } = operation
  const hasFields = Object.keys(schema.properties).length > 0
  const example = exampleRequest(operation, options.sign)
  return {
    operationId: operation.id,
    tags: [tags[operation.api]],
    summary: operation.title,
    description: `${operation.description}${signedText(operation)}\n\n${errorText(operation, options.memberHttpStatus)}`,
    security: operation.isBearer ? [{ accessToken: [] }] : [],
    ...(method === 'GET' && hasFields ? { parameters: queryParameters(operation) } : {}),
    ...(method === 'POST' && hasFields
      ? { requestBody: { required: true, content: { 'application/json': { schema: publicSchema(schema), example } } } }
      : {}),
    responses: responsesOf(operation, {
      memberHttpStatus: options.memberHttpStatus,
      exampleData: exampleData(operation, options.publicUrl),
    }),
    'x-codeSamples': codeSamples(operation, options.publicUrl),
  }
}

function queryParameters({ schema }: Operation): object[] {
  return Object.entries(publicProperties(schema.properties)).map(([name, { description, ...field }]) => ({
    name,
    in: 'query',
    description,
    required: schema.required?.includes(name) ?? false,
    schema: field,
  }))
}

/** Which fields are signed, in words. */
function signedText({ signedCall }: Operation): string {
  if (signedCall === null) return ''
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
  const { byProfile } = signedCall
  const exception = byProfile.length === 0 ? '' : ` (${code(byProfile)} is signed where the operator has set it so)`
  return `\n\nSigned: ${code(signedNames(signedCall, 'unsigned'))}. Not signed: ${code(unsignedFields(signedCall, 'unsigned'))}${exception}.`
}

function exampleRequest(operation: Operation, sign: Sign): object {
  const fields = sampleFields(operation)
  if (operation.api === 'seller') return { ...placeholders(operation), ...fields }
  if (operation.signedCall === null) return fields
  const canonical = canonicalString(fields, signedNames(operation.signedCall, 'unsigned'))
  return { ...fields, sign: sign(canonical, publishedKey, defaultAlgorithm) }
}

function exampleData(operation: Operation, publicUrl: string): object {
  const named: Record<string, unknown> = sampleFields({ ...operation, schema: operation.data })
  for (const name of Object.keys(operation.data.properties)) named[name] ??= exampleValue(name, publicUrl)
  return named
}

function exampleValue(name: string, publicUrl: string): string {
  if (name === 'url')
    return `${publicUrl}/lobby?agent_id=agent001&uid=uid001&token=tokena8c2aaef3880162a&language=en-US&platform=h5&currency=VND2`
  if (name === 'tokenType') return 'Bearer'
  return name.endsWith('Token') ? 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9…' : `your-${name}`
}

/** Secrets have no example in their schema; a request that is shown needs something in their place. */
function placeholders({ schema }: Operation): Record<string, string> {
  return Object.fromEntries(
    Object.keys(schema.properties).map((name) => [name, `your-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`]),
  )
}

function codeSamples(operation: Operation, publicUrl: string): object[] {
  const { signedCall } = operation
  const fields: Record<string, SnippetValue> = {
    ...(operation.api === 'seller' ? placeholders(operation) : {}),
    ...(sampleFields(operation) as Record<string, SnippetValue>),
  }
  if (signedCall !== null) {
    fields.timestamp = timeOfRun
    if (fields.token !== undefined) fields.token = tokenOfRun
  }
  const request = {
    method: operation.method,
    url: publicUrl + operation.path,
    fields,
    signing:
      signedCall === null
        ? null
        : { algorithm: defaultAlgorithm, key: 'your-merchant-key', unsigned: unsignedFields(signedCall, 'unsigned') },
    bearer: operation.isBearer ? 'your-access-token' : null,
  }
  return snippetLanguages.map(({ title, write }) => ({ lang: title === 'curl' ? 'Shell' : title, label: title, source: write(request) }))
}
