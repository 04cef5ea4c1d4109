import { createHmac, hash } from 'node:crypto'
import { type KeyUse, type SigningAlgorithm, type SigningAlgorithmId, signingAlgorithms } from '@lobbykey/contract'
import type { Family, Mistake } from '../mistake.ts'
import { type Digest, hashOf, hmacOf, keyAndText, textOnly } from '../recipe.ts'

const hashes = [
  ['sha256', 'SHA-256'],
  ['sha1', 'SHA-1'],
  ['md5', 'MD5'],
  ['sha512', 'SHA-512'],
  ['sha384', 'SHA-384'],
  ['sha224', 'SHA-224'],
  ['sha3-256', 'SHA3-256'],
  ['sha512-256', 'SHA-512/256'],
  ['ripemd160', 'RIPEMD-160'],
  ['sm3', 'SM3'],
  ['sha3-512', 'SHA3-512'],
  ['blake2b512', 'BLAKE2b'],
  ['blake2s256', 'BLAKE2s'],
] as const
/** Of which no HMAC is tried. */
const plainOnly = [
  ['sha3-224', 'SHA3-224'],
  ['sha3-384', 'SHA3-384'],
] as const

/** Another hash or HMAC, or one taken twice. */
export const digestMistakes: Family = {
  ruledOut: 'another algorithm: SHA-1, SHA-2, SHA-3, HMAC with MD5 or SHA, HMAC with key and text swapped, a hash of a hash',
  mistakes: ({ profile }) => mistakesUnder[profile.algorithm],
}

const algorithms: readonly SigningAlgorithm[] = Object.values(signingAlgorithms)

/** The fault that a signature was made with another algorithm than the merchant's. */
export function otherAlgorithmUsed(used: SigningAlgorithm, own: SigningAlgorithm): Pick<Mistake, 'kind' | 'sentence'> {
  return { kind: 'other-algorithm', sentence: `The signature is made with ${used.label}, but this merchant's profile is ${own.label}.` }
}

/** Without those that are algorithms of the contract themselves: under an HMAC they are reported as the other algorithm. */
const plainHashes = hashes.filter(([id]) => !algorithms.some(({ keyUse, hash }) => keyUse === 'key-in-text' && hash === id))

/** Of RFC 9562, of a name in a namespace; Java's has none. */
const nameUuids: readonly Mistake[] = [
  ['', 'md5', 3] as const,
  ...['10', '11', '12', '14'].flatMap((last) => {
    const namespace = `6ba7b8${last}9dad11d180b400c04fd430c8`
    return [[namespace, 'md5', 3] as const, [namespace, 'sha1', 5] as const]
  }),
].map(([namespace, id, version]): Mistake => {
  const how = namespace === '' ? "Java's UUID.nameUUIDFromBytes" : `Python's uuid${version}`
  return {
    kind: 'sign-decorated',
    sentence: `sign is a UUID that ${how} made from the text; it overwrites six bits of the digest, so the digest cannot be recovered from it.`,
    steps: { digest: (message) => nameUuid(hash(id, Buffer.concat([Buffer.from(namespace, 'hex'), bytesOf(message)]), 'buffer'), version) },
    reach: namespace === '' ? 'key' : 'alone',
  }
})

function bytesOf(message: string | Uint8Array): Uint8Array {
  return typeof message === 'string' ? Buffer.from(message) : message
}

function nameUuid(digest: Buffer, version: number): string {
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | (version << 4), 6)
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8)
  return digest.toString('hex', 0, 16)
}

const underKeyInText = (own: SigningAlgorithm): readonly Mistake[] => [
  ...[...hashes, ...plainOnly]
    .filter(([id]) => id !== own.hash)
    .map(
      ([id, name], index): Mistake => ({
        kind: 'wrong-hash',
        sentence: `The text was hashed with ${name} instead of ${own.hashLabel}.`,
        steps: { digest: hashOf(id) },
        reach: index < 3 ? 'any' : 'key',
      }),
    ),
  ...algorithms
    .filter(({ keyUse }) => keyUse === 'hmac')
    .map(
      (other): Mistake => ({
        ...otherAlgorithmUsed(other, own),
        steps: { digest: hmacOf(other.hash), place: textOnly },
        reach: 'any',
      }),
    ),
  ...hashes.flatMap(([id, name], index): Mistake[] => {
    const common = { kind: 'hmac-instead-of-hash', reach: index < 4 ? 'any' : 'key' } as const
    return [
      {
        ...common,
        sentence: `An HMAC with ${name} was computed, where plain ${own.hashLabel} over the key and the fields is needed.`,
        steps: { digest: hmacOf(id), place: textOnly },
      },
      {
        ...common,
        sentence: `An HMAC with ${name} was computed over the key and the fields, where plain ${own.hashLabel} is needed.`,
        steps: { digest: hmacOf(id), place: keyAndText },
      },
      {
        kind: 'hmac-swapped',
        sentence: `An HMAC with ${name} was computed, with the text as its key, where plain ${own.hashLabel} over the key and the fields is needed.`,
        steps: { digest: swappedHmac(id), place: textOnly },
        reach: swappedReach(id),
      },
    ]
  }),
  ...(own.hash === 'md5' ? nameUuids : []),
  ...hashedTwice(own),
  // Salted in stages, as password stores do.
  ...[
    (text: string, key: string) => hash(own.hash, hash(own.hash, text, 'hex') + key, 'hex'),
    (text: string, key: string) => hash(own.hash, `${hash(own.hash, text, 'hex')}&${key}`, 'hex'),
    (text: string, key: string) => hash(own.hash, key + hash(own.hash, text, 'hex'), 'hex'),
    (text: string, key: string) => hash(own.hash, `${key}&${hash(own.hash, text, 'hex')}`, 'hex'),
    (text: string, key: string) => hash(own.hash, hash(own.hash, text, 'hex').toUpperCase() + key, 'hex'),
    (text: string, key: string) => hash(own.hash, key + hash(own.hash, text, 'hex').toUpperCase(), 'hex'),
  ].map(
    (digest): Mistake => ({
      kind: 'hashed-twice',
      sentence: 'The fields were hashed first, and their digest was hashed again with the key.',
      steps: { digest: (message, key) => digest(String(message), key), place: textOnly },
    }),
  ),
]

const underHmac = (own: SigningAlgorithm): readonly Mistake[] => [
  ...plainHashes.flatMap(([id, name], index): Mistake[] => {
    const common = {
      kind: 'hash-instead-of-hmac',
      sentence: `Plain ${name} over the key and the fields was computed, where an HMAC with ${own.hashLabel} is needed.`,
      reach: index < 3 ? 'any' : 'key',
    } as const
    const places = [keyAndText, (text: string, key: string) => `${text}&${key}`, (text: string, key: string) => text + key]
    const morePlaces = [(text: string, key: string) => key + text, (text: string, key: string) => `${text}&key=${key}`]
    return [...places, ...morePlaces].map((place) => ({ ...common, steps: { digest: hashOf(id), place } }))
  }),
  ...plainHashes.map(
    ([id, name], index): Mistake => ({
      kind: 'key-missing',
      sentence: `The text was hashed with ${name} without the key, where an HMAC with the key is needed.`,
      steps: { digest: hashOf(id), place: textOnly },
      reach: index < 3 ? 'any' : 'key',
    }),
  ),
  ...hashes
    .filter(([id]) => id !== own.hash)
    .map(
      ([id, name], index): Mistake => ({
        kind: 'wrong-hash',
        sentence: `The HMAC was computed with ${name} instead of ${own.hashLabel}.`,
        steps: { digest: hmacOf(id) },
        reach: index < 3 ? 'any' : 'key',
      }),
    ),
  ...hashes.map(
    ([id]): Mistake => ({
      kind: 'hmac-swapped',
      sentence: 'In the HMAC, key and text are swapped: the text was given as the key.',
      steps: { digest: swappedHmac(id) },
      reach: swappedReach(id),
    }),
  ),
  ...hashedTwice(own),
  {
    kind: 'hashed-twice',
    sentence: 'The fields were hashed first, and the HMAC was computed over their digest.',
    steps: {
      digest: (message, key) =>
        createHmac(own.hash, key)
          .update(hash('md5', message, 'hex'))
          .digest('hex'),
    },
  },
  {
    kind: 'hashed-twice',
    sentence: 'The fields were hashed first, and the HMAC was computed over their digest.',
    steps: {
      digest: (message, key) =>
        createHmac(own.hash, key)
          .update(hash(own.hash, message, 'hex'))
          .digest('hex'),
    },
  },
]

const under: Readonly<Record<KeyUse, (own: SigningAlgorithm) => readonly Mistake[]>> = { 'key-in-text': underKeyInText, hmac: underHmac }

/** Made once for each algorithm. */
const mistakesUnder = Object.fromEntries(Object.entries(signingAlgorithms).map(([id, own]) => [id, under[own.keyUse](own)])) as Record<
  SigningAlgorithmId,
  readonly Mistake[]
>

function swappedReach(id: string): Mistake['reach'] {
  return id === 'sha256' || id === 'md5' ? 'any' : 'key'
}

function swappedHmac(id: string): Digest {
  return (message, key) => createHmac(id, message).update(key).digest('hex')
}

/** The digest's digits or bytes hashed again. */
function hashedTwice({ hash: id, hashLabel, keyUse }: SigningAlgorithm): Mistake[] {
  const first: (digest: Digest) => Digest[] = (digest) => [
    (message, key) => hash(id, digest(message, key), 'hex'),
    (message, key) => hash(id, digest(message, key).toUpperCase(), 'hex'),
    (message, key) => hash(id, Buffer.from(digest(message, key), 'hex'), 'hex'),
    (message, key) => hash(id, Buffer.from(digest(message, key), 'hex').toString('base64'), 'hex'),
  ]
  const sentence = `The digest was hashed once more with ${hashLabel}.`
  const [right, others] = keyUse === 'hmac' ? [hmacOf(id), []] : [hashOf(id), [hashOf('sha1'), hashOf('sha256')]]
  return [
    ...first(right).map(
      (digest, index): Mistake => ({ kind: 'hashed-twice', sentence, steps: { digest }, reach: index < 2 ? 'any' : 'key' }),
    ),
    ...others.flatMap(first).map((digest): Mistake => ({ kind: 'hashed-twice', sentence, steps: { digest }, reach: 'alone' })),
  ]
}
