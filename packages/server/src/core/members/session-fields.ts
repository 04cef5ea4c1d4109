import { type KeptFields, memberLogin, type SignedCall } from '@lobbykey/contract'
import { digest } from '../base/digest.ts'

type LoginValues = Readonly<Record<string, unknown>>

/** The fields of a login for its session, with the verified callback. */
export function loginValues<Fields extends LoginValues>(fields: Fields, callback: string | undefined): Fields {
  return callback === undefined ? fields : { ...fields, callback }
}

/** Null if there are none, as for most logins. */
export function keptFields(call: SignedCall, values: LoginValues): KeptFields | null {
  const names = call.kept.filter((name) => values[name] !== undefined)
  return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, values[name]]))
}

/** Digested as in every release so far: values without names, null for absent ones. */
const unnamed = ['limits', 'callback', 'custom_language']
/** Later fields follow with their names if sent, so that requests without them keep their digests. */
const named = [...memberLogin.unsigned, ...memberLogin.byProfile].filter((name) => name !== 'sign' && !unnamed.includes(name)).sort()
const digested = [...unnamed, ...named]

const noBytes = new Uint8Array(0)

/** Digest over the unsigned fields of a login, so that a signature cannot be reused with other values. 16 bytes, or empty. */
export function unsignedDigest(values: LoginValues): Uint8Array {
  if (!digested.some((name) => values[name] !== undefined)) return noBytes
  const later = named.filter((name) => values[name] !== undefined)
  const parts = [...unnamed.map((name) => sorted(values[name] ?? null)), ...later.map((name) => [name, sorted(values[name])])]
  return digest('sha256', JSON.stringify(parts)).subarray(0, 16)
}

/** Sorts keys of nested objects. */
function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value
}
