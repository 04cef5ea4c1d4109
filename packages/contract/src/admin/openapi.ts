/** The OpenAPI 3.1 document of the admin API: the list of operations, and the conventions that they share. */
import type { TObject } from 'typebox'
import { publicField, publicProperties, publicSchema } from '../openapi-schema.ts'
import { type AdminOperation, adminBasePath } from './operation.ts'

export interface AdminOpenApiOptions {
  readonly version: string
  readonly operations: Readonly<Record<string, AdminOperation>>
}

const introduction = `What operators can do, for scripts, pipelines and other tools. Every call carries an API token as \`Authorization: Bearer\`; \`lobbykey token add\` makes one.

- Unknown fields and query parameters are refused by name.
- Lists take \`limit\` and \`cursor\` and answer \`{items, nextCursor}\`; \`nextCursor\` is null on the last page.
- A \`PATCH\` needs the \`ETag\` of your last read in \`If-Match\`; \`*\` overwrites any state.
- Calls that create something take an \`Idempotency-Key\`: for a day, the same request under the same key gets the same answer; its secret, for ten minutes.
- \`validateOnly=true\` checks the request and gives the same answer without secrets, but changes nothing.
- Failures are problems (RFC 9457): \`key\` names the error, \`detail\` says what to do.`

export function buildAdminOpenApi({ version, operations }: AdminOpenApiOptions): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, object>> = {}
  for (const [name, operation] of Object.entries(operations)) {
    const path = `${adminBasePath}${operation.path}`
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationObject(name, operation) }
  }
  const nouns = [...new Set(Object.keys(operations).map(tagOf))]
  return {
    openapi: '3.1.1',
    info: { title: 'Lobbykey admin API', version, description: introduction },
    servers: [{ url: '/' }],
    security: [{ apiToken: [] }],
    tags: nouns.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { apiToken: { type: 'http', scheme: 'bearer', description: 'An API token, `lk_…`' } },
      schemas: { Problem: problem },
      responses: {
        Problem: {
          description: 'A problem (RFC 9457)',
          headers: { 'Retry-After': { description: 'Seconds to wait, if waiting helps', schema: { type: 'integer' } } },
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'key', 'requestId'],
  properties: {
    type: { type: 'string', description: 'A page that explains it' },
    title: { type: 'string', description: 'What went wrong' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What to do about it' },
    key: { type: 'string', description: 'Programs decide by this' },
    field: { type: 'string', description: 'The field at fault' },
    requestId: { type: 'string' },
  },
}

function operationObject(name: string, operation: AdminOperation): object {
  const { method, input, kind } = operation
  const inPath = namesInPath(operation)
  const others = Object.keys(input.properties).filter((field) => !inPath.includes(field))
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const isWrite = method !== 'GET'
  return {
    operationId: name,
    tags: [tagOf(name)],
    summary: operation.summary,
    description: describe(operation),
    parameters: [
      ...parameters(input, inPath, 'path'),
      ...(hasBody ? [] : parameters(input, others, 'query')),
      ...(isWrite ? [validateOnly] : []),
      ...(kind === 'change' ? [ifMatch] : []),
      ...(kind === 'create' ? [idempotencyKey] : []),
    ],
    ...(hasBody && others.length > 0 ? { requestBody: body(input, others) } : {}),
    responses: {
      [kind === 'create' ? '201' : '200']: success(operation),
      // With validateOnly nothing is created.
      ...(kind === 'create' ? { '200': { ...success(operation), description: 'With validateOnly: what the answer would be' } } : {}),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function describe({ right, fieldRights = {}, isConfirmed, isForPeople, event, secrets }: AdminOperation): string {
  return [
    `Requires the right \`${right}\`.`,
    ...Object.entries(fieldRights).map(([field, fieldRight]) => `\`${field}\` also requires \`${fieldRight}\`.`),
    ...(isForPeople
      ? ['A person confirms it with a second factor; no token may run it.']
      : isConfirmed
        ? ['A person confirms it with a second factor; a token must have been created with `--allow-confirmed`.']
        : []),
    ...(event === null ? [] : [`Records the event \`${event}\`.`]),
    ...(secrets === undefined ? [] : [`Returned only in this answer: ${secrets.map((field) => `\`${field}\``).join(', ')}.`]),
  ].join(' ')
}

function success({ output, kind }: AdminOperation): object {
  const isVersioned = kind === 'change' || kind === 'read'
  return {
    description: 'Done',
    ...(isVersioned ? { headers: { ETag: { description: 'Identifies this state, if it can change', schema: { type: 'string' } } } } : {}),
    content: { 'application/json': { schema: publicField(output) } },
  }
}

function body(input: TObject, names: readonly string[]): object {
  const required = (input.required ?? []).filter((name) => names.includes(name))
  const properties = Object.fromEntries(names.map((name) => [name, input.properties[name]])) as TObject['properties']
  const schema = publicSchema({ ...input, properties, required } as TObject)
  return { required: required.length > 0, content: { 'application/json': { schema } } }
}

function parameters(input: TObject, names: readonly string[], place: 'path' | 'query'): object[] {
  const fields = publicProperties(input.properties)
  return names.map((name) => {
    const { description, ...schema } = fields[name] ?? {}
    const required = place === 'path' || input.required?.includes(name) === true
    return { name, in: place, required, ...(description === undefined ? {} : { description }), schema }
  })
}

function namesInPath({ path }: AdminOperation): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
}

const validateOnly = {
  name: 'validateOnly',
  in: 'query',
  description: 'Check everything, change nothing',
  schema: { type: 'boolean', default: false },
}
const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag of your last read, or `*`',
  schema: { type: 'string' },
}
const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Your own unique name for this request, so that you can repeat it safely',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[!-~]+$' },
}

/** `merchant.rotate-key` is one of the merchants'. */
function tagOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}
