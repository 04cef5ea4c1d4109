import { type KeyUse, type SigningAlgorithmId, type SigningHash, signingAlgorithms } from './signing-algorithms.ts'

/** A placeholder for the time when the program runs, in milliseconds. */
export const timeOfRun = Symbol('time of run')

/** A placeholder for a random session token, made by each run. */
export const tokenOfRun = Symbol('token of run')

export type SnippetValue = string | number | typeof timeOfRun | typeof tokenOfRun | Readonly<Record<string, string>>

export interface SnippetSigning {
  readonly algorithm: SigningAlgorithmId
  readonly key: string
  /** The call's unsigned fields; `sign` may be left out. */
  readonly unsigned: readonly string[]
}

/** The model of a request. */
export interface SnippetRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** In the order sent, none empty, without `sign`. In the body; in the query for GET. */
  readonly fields: Readonly<Record<string, SnippetValue>>
  readonly signing: SnippetSigning | null
  /** An access token for `Authorization: Bearer`. */
  readonly bearer: string | null
}

/** Lines of a program: drops `false` and flattens lists. */
export type Lines = readonly (string | false | Lines)[]

export function program(...lines: Lines): string {
  return `${flat(lines).join('\n')}\n`
}

function flat(lines: Lines): string[] {
  return lines.flatMap((line) => (line === false ? [] : typeof line === 'string' ? [line] : flat(line)))
}

/** How one language writes field values. */
export interface ValueWriter {
  readonly text: (value: string) => string
  readonly number: (value: number) => string
  readonly time: string
  readonly token: string
  readonly map: (entries: readonly (readonly [string, string])[]) => string
}

/** Each field with its value as an expression. */
export function writeFields(fields: SnippetRequest['fields'], writer: ValueWriter): (readonly [name: string, expression: string])[] {
  return Object.entries(fields).map(([name, value]) => [name, writeValue(value, writer)])
}

function writeValue(value: SnippetValue, writer: ValueWriter): string {
  if (value === timeOfRun) return writer.time
  if (value === tokenOfRun) return writer.token
  if (typeof value === 'string') return writer.text(value)
  if (typeof value === 'number') return writer.number(value)
  return writer.map(Object.entries(value as Readonly<Record<string, string>>))
}

export function hasToken({ fields }: SnippetRequest): boolean {
  return Object.values(fields).includes(tokenOfRun)
}

/** A double-quoted literal that JavaScript, Python, Java, Go and C# all read alike. */
export function quoted(value: string): string {
  return JSON.stringify(value)
}

/** The unsigned names in this request, which its program must leave out of the signature. */
export function unsignedNames({ fields, signing }: SnippetRequest): readonly string[] {
  return (signing?.unsigned ?? []).filter((name) => Object.hasOwn(fields, name)).sort()
}

/** The lines that compute the digest, and their imports. */
export interface DigestLines {
  readonly imports?: readonly string[]
  readonly lines: Lines
}

/** One for each use of the key. The hash has its OpenSSL name. */
export type DigestWriter = Readonly<Record<KeyUse, (hash: SigningHash) => DigestLines>>

/** Nothing for a request that is not signed. */
export function writeDigest(signing: SnippetSigning | null, writer: DigestWriter): Required<DigestLines> {
  if (signing === null) return { imports: [], lines: [] }
  const { hash, keyUse } = signingAlgorithms[signing.algorithm]
  return { imports: [], ...writer[keyUse](hash) }
}
