import { type KeptFields, memberLogin, type SignedCall } from '@lobbykey/contract'
import { digest } from '../base/digest.ts'

type LoginValues = Readonly<Record<string, unknown>>

/** The fields of a login as its session gets them: the callback as it was verified. */
export function loginValues<Fields extends LoginValues>(fields: Fields, callback: string | undefined): Fields {
  return callback === undefined ? fields : { ...fields, callback }
}

/** Null where there is none: nearly every login. */
export function keptFields(call: SignedCall, values: LoginValues): KeptFields | null {
  const names = call.kept.filter((name) => values[name] !== undefined)
  return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, values[name]]))
}

/** Digested as nodes of every release so far do: values without names, null for those that are absent. */
const unnamed = ['limits', 'callback', 'custom_language']
/** What came later follows with its name where it was sent, so that a request without it has the digest that it always had. */
const named = [...memberLogin.unsigned, ...memberLogin.byProfile].filter((name) => name !== 'sign' && !unnamed.includes(name)).sort()
const digested = [...unnamed, ...named]

const noBytes = new Uint8Array(0)

/** Over the fields that a login's signature may leave open, so that one signature cannot be sent again with others. 16 bytes, or none. */
export function unsignedDigest(values: LoginValues): Uint8Array {
  if (!digested.some((name) => values[name] !== undefined)) return noBytes
  const later = named.filter((name) => values[name] !== undefined)
  const parts = [...unnamed.map((name) => sorted(values[name] ?? null)), ...later.map((name) => [name, sorted(values[name])])]
  return digest('sha256', JSON.stringify(parts)).subarray(0, 16)
}

/** Maps in one order of their keys. */
function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value
}
