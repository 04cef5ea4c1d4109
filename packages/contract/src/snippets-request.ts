import { type KeyUse, type SigningAlgorithmId, type SigningHash, signingAlgorithms } from './signing-algorithms.ts'

/** Stands for the time at which the program runs, in milliseconds. */
export const timeOfRun = Symbol('time of run')

export type SnippetValue = string | number | typeof timeOfRun | Readonly<Record<string, string>>

export interface SnippetSigning {
  readonly algorithm: SigningAlgorithmId
  readonly key: string
  /** Names of the call's fields that are not signed; `sign` need not be among them. */
  readonly unsigned: readonly string[]
}

/** One request as the snippets see it. */
export interface SnippetRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** As they are sent, in their order, none of them empty, without `sign`. In the body; in the query for GET. */
  readonly fields: Readonly<Record<string, SnippetValue>>
  readonly signing: SnippetSigning | null
  /** An access token for `Authorization: Bearer`. */
  readonly bearer: string | null
}

/** Lines of a program: what is false is left out, lists are laid flat. */
export type Lines = readonly (string | false | Lines)[]

export function program(...lines: Lines): string {
  return `${flat(lines).join('\n')}\n`
}

function flat(lines: Lines): string[] {
  return lines.flatMap((line) => (line === false ? [] : typeof line === 'string' ? [line] : flat(line)))
}

/** How the values of fields are written in one language. */
export interface ValueWriter {
  readonly text: (value: string) => string
  readonly number: (value: number) => string
  readonly time: string
  readonly map: (entries: readonly (readonly [string, string])[]) => string
}

/** Each field with its value as an expression of the language. */
export function writeFields(fields: SnippetRequest['fields'], writer: ValueWriter): (readonly [name: string, expression: string])[] {
  return Object.entries(fields).map(([name, value]) => [name, writeValue(value, writer)])
}

function writeValue(value: SnippetValue, writer: ValueWriter): string {
  if (value === timeOfRun) return writer.time
  if (typeof value === 'string') return writer.text(value)
  if (typeof value === 'number') return writer.number(value)
  return writer.map(Object.entries(value as Readonly<Record<string, string>>))
}

/** A double-quoted literal as JavaScript, Python, Java, Go and C# all read it. */
export function quoted(value: string): string {
  return JSON.stringify(value)
}

/** The unsigned names that this request carries: the only ones its program must leave out of the signature. */
export function unsignedNames({ fields, signing }: SnippetRequest): readonly string[] {
  return (signing?.unsigned ?? []).filter((name) => Object.hasOwn(fields, name)).sort()
}

/** The lines of one language that make the digest, and what they import. */
export interface DigestLines {
  readonly imports?: readonly string[]
  readonly lines: Lines
}

/** One for each use of the key; the hash is named as OpenSSL names it. */
export type DigestWriter = Readonly<Record<KeyUse, (hash: SigningHash) => DigestLines>>

/** Nothing for a request that is not signed. */
export function writeDigest(signing: SnippetSigning | null, writer: DigestWriter): Required<DigestLines> {
  if (signing === null) return { imports: [], lines: [] }
  const { hash, keyUse } = signingAlgorithms[signing.algorithm]
  return { imports: [], ...writer[keyUse](hash) }
}
