import { type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'

const signInPool = promisify(sign)

/**
 * A JWS in compact form (RFC 7515), RS256: the one algorithm and the one form that this program writes. Signed on libuv's threads; the
 * bytes are a function of the arguments (RFC 8017 section 8.2).
 *
 * @param header from `headerSegment`
 */
export async function signCompact(header: string, payload: string, privateKey: KeyObject): Promise<string> {
  const signed = `${header}.${Buffer.from(payload).toString('base64url')}`
  const signature = await signInPool('sha256', Buffer.from(signed), privateKey)
  return `${signed}.${signature.toString('base64url')}`
}

/** The first segment of what `kid` signs. */
export function headerSegment(typ: string, kid: string): string {
  return Buffer.from(JSON.stringify({ alg: 'RS256', typ, kid })).toString('base64url')
}

/**
 * What a compact JWS says, and the key that `findKey` gives for its first segment; null for anything else. Nothing of a header is read:
 * whoever finds keys by the segments that they write decides what a header may say, to the byte (checks 12 and 13).
 *
 * On this thread: at some 20 µs, handing it to another would cost more.
 */
export function openCompact<Key extends { readonly publicKey: KeyObject }>(
  token: string,
  findKey: (header: string) => Key | null,
): { readonly key: Key; readonly payload: Buffer } | null {
  const segments = token.split('.')
  if (segments.length !== 3) return null
  const [header, payload, signature] = segments as [string, string, string]
  const key = findKey(header)
  if (key === null) return null
  const bytes = Buffer.from(signature, 'base64url')
  // A signature's last character has four bits that decoders ignore: sixteen spellings of one token, of which one is ours. Header and
  // payload are signed as they are spelled.
  if (bytes.toString('base64url') !== signature) return null
  const isGenuine = verify('sha256', Buffer.from(`${header}.${payload}`), key.publicKey, bytes)
  return isGenuine ? { key, payload: Buffer.from(payload, 'base64url') } : null
}
