import type { TObject, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Check } from 'typebox/value'
import { escapeHidden } from './escape-hidden.ts'
import { GatewayError } from './gateway-error.ts'

interface Notes {
  readonly rule?: string
}

/**
 * Compiles a closed object schema into a check that names the first invalid field and its rule. The check expects a value without
 * empty fields (see `dropEmpty`) and returns it typed.
 * @throws GatewayError invalid_parameter
 */
export function compileFields<T>(schema: TObject): (fields: Record<string, unknown>) => T {
  const whole = Compile(schema)
  const required = new Set(schema.required ?? [])

  /** Slow path: finds what is wrong, unknown names first. */
  function fault(fields: Record<string, unknown>): GatewayError {
    for (const name of Object.keys(fields)) {
      if (!Object.hasOwn(schema.properties, name)) return parameterError(printable(name), 'is not a field of this call')
    }
    for (const [name, field] of Object.entries(schema.properties)) {
      const value = fields[name]
      if (value === undefined) {
        if (required.has(name)) return parameterError(name, 'is required')
      } else if (!Check(field, value)) {
        return parameterError(name, `must be ${ruleOf(field)}`)
      }
    }
    return parameterError('the request', 'does not have the form of this call')
  }

  return (fields) => {
    if (whole.Check(fields)) return fields as T
    throw fault(fields)
  }
}

/** Validates one value that does not come from a call. @throws GatewayError invalid_parameter */
export function verifyField(name: string, schema: TSchema, value: unknown): void {
  if (!Check(schema, value)) throw parameterError(name, `must be ${ruleOf(schema)}`)
}

function ruleOf(schema: TSchema): string {
  return (schema as Notes).rule ?? 'of another form'
}

/**
 * An ID under which things are kept, also by programs that use it as a key of an object: a name that every object of JavaScript has from birth, such as
 * __proto__, does not come back out of one.
 * @throws GatewayError invalid_parameter
 */
export function verifyNewId(name: string, id: string): void {
  if (id in {}) throw parameterError(name, `must not be ${id}: every object of JavaScript has that name already`)
}

export function parameterError(field: string, problem: string): GatewayError {
  return new GatewayError('invalid_parameter', { field, message: `${field} ${problem}` })
}

/** A caller's text, safe for an error message: JSON-escaped unless plain, cut at 64 characters. */
export function printable(value: string): string {
  const cut = value.length > 64 ? `${value.slice(0, 64)}…` : value
  return /^[A-Za-z0-9_.-]*$/.test(cut) ? cut : escapeHidden(JSON.stringify(cut))
}

/**
 * Removes, in place, known fields that are empty: `""`, `null`, or an object without non-empty entries, which may be written `[]`. Keeps unknown names, which are
 * refused by name later, and `""` in clearable fields.
 */
export function dropEmpty(
  fields: Record<string, unknown>,
  known: Readonly<Record<string, unknown>>,
  clearable: readonly string[] = [],
): Record<string, unknown> {
  for (const name in fields) {
    const value = fields[name]
    if (value === '' || value === null) {
      if (Object.hasOwn(known, name) && !(value === '' && clearable.includes(name))) delete fields[name]
    } else if (typeof value === 'object' && isObjectField(known, name)) {
      // PHP writes an empty object as [].
      if (Array.isArray(value)) {
        if (value.length === 0) delete fields[name]
        continue
      }
      const entries = value as Record<string, unknown>
      for (const key of Object.keys(entries)) if (entries[key] === '' || entries[key] === null) delete entries[key]
      if (Object.keys(entries).length === 0) delete fields[name]
    }
  }
  return fields
}

function isObjectField(known: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(known, name) && (known[name] as { type?: string }).type === 'object'
}
