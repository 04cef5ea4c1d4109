import { printable } from './check-fields.ts'

/** `depthMax` counts the top-level object as 1. */
export interface StrictJsonLimits {
  readonly depthMax: number
  readonly keysMax: number
  /**
   * For signed numbers: each must be a plain integer (`0|[1-9][0-9]*`), because a signature covers digits, and `1.7e12`, `-0` and
   * `1e400` have several spellings or none.
   */
  readonly plainNumbers: boolean
}

/** Why a text is not strict JSON. The message is public. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError'
}

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Parses one JSON object strictly: no duplicate keys, no prototype keys, well-formed strings only.
 *
 * @throws StrictJsonError
 */
export function parseStrictJson(text: string, limits: StrictJsonLimits): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new StrictJsonError('the body is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new StrictJsonError('the body must be one JSON object')
  }
  const shape = scan(text)
  // Check depth first: what follows recurses.
  if (shape.depth > limits.depthMax) {
    throw new StrictJsonError(
      limits.depthMax === 1 ? 'the body must be one flat JSON object' : `nested deeper than ${limits.depthMax} levels`,
    )
  }
  if (shape.members > limits.keysMax) throw new StrictJsonError(`more than ${limits.keysMax} keys`)
  if (limits.plainNumbers && !shape.plainNumbers) {
    throw new StrictJsonError(`${printable(oddNumber(text))} must be a whole number written in plain digits`)
  }
  if (countMembers(value) !== shape.members) throw new StrictJsonError('a key appears twice')
  if (shape.escapes && !isWellFormed(value)) throw new StrictJsonError('a string is not well-formed Unicode')
  return value as Record<string, unknown>
}

interface Shape {
  depth: number
  /** Members as written: one per colon outside strings. If the parsed value has fewer, a key appears twice. */
  members: number
  plainNumbers: boolean
  escapes: boolean
}

/** One pass over a text that JSON.parse accepted, so quotes and brackets pair. */
function scan(text: string): Shape {
  const shape: Shape = { depth: 0, members: 0, plainNumbers: true, escapes: false }
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        for (i++; text.charCodeAt(i) !== 0x22; i++) {
          if (text.charCodeAt(i) === 0x5c) {
            shape.escapes = true
            i++
          }
        }
        break
      case 0x7b: // {
      case 0x5b: // [
        depth++
        if (depth > shape.depth) shape.depth = depth
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth--
        break
      case 0x3a: // :
        shape.members++
        break
      case 0x2d: // - : a negative number or exponent
      case 0x2e: // . : a fraction
      case 0x45: // E : an exponent
        shape.plainNumbers = false
        break
      case 0x65: // e : an exponent, or the end of true and false
        if (isDigit(text.charCodeAt(i - 1))) shape.plainNumbers = false
        break
    }
  }
  return shape
}

/** The key of the first number that is not a plain integer. Slow path: parses again to see how numbers are written. */
function oddNumber(text: string): string {
  let found = 'a number'
  JSON.parse(text, (key, value, context?: { source?: string }) => {
    if (found === 'a number' && typeof value === 'number' && !/^(?:0|[1-9][0-9]*)$/.test(context?.source ?? '')) found = key
    return value
  })
  return found
}

function isDigit(charCode: number): boolean {
  return charCode >= 0x30 && charCode <= 0x39
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item)
    return count
  }
  for (const key of Object.keys(value)) {
    if (forbiddenKeys.has(key)) throw new StrictJsonError(`the key ${key} is not allowed`)
    count += 1 + countMembers((value as Record<string, unknown>)[key])
  }
  return count
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isWellFormed(item))
}
