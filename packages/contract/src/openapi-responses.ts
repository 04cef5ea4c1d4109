/** An operation's answers by HTTP status as OpenAPI response objects, with an example for each code. */

import { publicSchema } from './openapi-schema.ts'
import { type ErrorAnswer, errorAnswer, type Operation } from './reference.ts'

const exampleTime = '2026-01-01T00:00:00.000Z'

export interface ResponsesOptions {
  readonly memberHttpStatus: 'contract' | 'standard'
  /** `data` of the success example. */
  readonly exampleData: object
}

export function responsesOf(operation: Operation, options: ResponsesOptions): Record<string, object> {
  const byStatus = new Map<number, ErrorAnswer[]>([[200, []]])
  for (const key of operation.errors) {
    const answer = errorAnswer(operation.api, key, options.memberHttpStatus)
    byStatus.set(answer.http, [...(byStatus.get(answer.http) ?? []), answer])
  }
  const statuses = [...byStatus].sort(([a], [b]) => a - b)
  return Object.fromEntries(statuses.map(([status, errors]) => [String(status), response(operation, status, errors, options)]))
}

function response(operation: Operation, status: number, errors: readonly ErrorAnswer[], options: ResponsesOptions): object {
  const failures = errors.length === 0 ? [] : [failureSchema(operation.api, errors)]
  const schemas = status === 200 ? [successSchema(operation), ...failures] : failures
  return {
    description: describe(status, errors),
    headers: headers(operation, status, errors),
    content: {
      'application/json': {
        schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas },
        examples: {
          ...(status === 200 ? { success: { summary: 'Success', value: successExample(operation.api, options.exampleData) } } : {}),
          ...Object.fromEntries(
            errors.map((error) => [
              error.key,
              { summary: `${error.code} ${error.text}`, description: error.entry.cause, value: failureExample(operation.api, error) },
            ]),
          ),
        },
      },
    },
  }
}

function describe(status: number, errors: readonly ErrorAnswer[]): string {
  const codes = [...new Set(errors.map(({ code }) => String(code)))].join(', ')
  if (status !== 200) return `Code ${codes}`
  return codes === '' ? 'Success' : `Success, or code ${codes}`
}

function headers(operation: Operation, status: number, errors: readonly ErrorAnswer[]): object {
  const header = (description: string, type = 'string') => ({ description, schema: { type } })
  return {
    'X-Request-Id': header('Names this answer in the logs of the server'),
    ...(errors.some(({ entry }) => entry.retry === 'later')
      ? { 'Retry-After': header('Seconds to wait before trying again', 'integer') }
      : {}),
    ...(operation.id === 'seller.login' && status === 200
      ? { 'X-Token-Advice': header('Present when the account has an access token with more than half its life left: use one again') }
      : {}),
    ...(operation.isBearer && status === 401 ? { 'WWW-Authenticate': header('Bearer error="invalid_token"') } : {}),
  }
}

function successSchema({ api, data }: Operation): object {
  const payload = publicSchema(data)
  return api === 'member'
    ? envelope('Success', { code: { const: 200 }, message: { const: 'success' }, data: payload })
    : envelope('Success', { code: { const: '0000' }, msg: { const: 'Success' }, time: timeSchema, data: payload })
}

function failureSchema(api: Operation['api'], errors: readonly ErrorAnswer[]): object {
  const codes = [...new Set(errors.map(({ code }) => code))]
  const meanings = (code: string | number) =>
    errors
      .filter((error) => error.code === code)
      .map(({ entry }) => `${entry.cause} ${entry.cure}`)
      .join(' / ')
  const code = {
    type: api === 'member' ? 'integer' : 'string',
    enum: codes,
    'x-enumDescriptions': Object.fromEntries(codes.map((each) => [String(each), meanings(each)])),
  }
  const text = { type: 'string', description: 'What went wrong, in words. Decide by the code' }
  return api === 'member'
    ? envelope('Failure', { code, message: text, data: { type: 'object', maxProperties: 0 } })
    : envelope('Failure', { code, msg: text, time: timeSchema, data: { type: 'null' } })
}

const timeSchema = { type: 'string', format: 'date-time', description: "The server's time" }

function envelope(title: string, properties: Record<string, object>): object {
  return { title, type: 'object', required: Object.keys(properties), properties }
}

function successExample(api: Operation['api'], data: object): object {
  return api === 'member' ? { code: 200, message: 'success', data } : { code: '0000', msg: 'Success', time: exampleTime, data }
}

function failureExample(api: Operation['api'], { code, text }: ErrorAnswer): object {
  return api === 'member' ? { code, message: text, data: {} } : { code, msg: text, time: exampleTime, data: null }
}
