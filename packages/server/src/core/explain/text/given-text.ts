import { signingAlgorithmIds, signingAlgorithms, textToHash } from '@lobbykey/contract'
import type { Attempt, Mistake } from '../mistake.ts'
import { digestMistakes, otherAlgorithmUsed } from '../mistakes/digest-mistakes.ts'
import { encodingMistakes } from '../mistakes/encoding-mistakes.ts'
import { keyMistakes } from '../mistakes/key-mistakes.ts'
import { byName, type Digest, hashOf, hmacOf, query, rightRecipe, textOnly } from '../recipe.ts'
import type { SignReading } from '../sign-readings.ts'
import { keyMark } from './named-character.ts'

/** The placeholder for the key in a given text. */
export const keyWord = 'KEY'
/** Longer texts are ignored. */
export const givenTextMax = 16_384

/** One reading of a given text: which part was hashed, with what around it, and where the key is. */
export interface TextReading {
  /** With `keyMark` where the key stands. */
  readonly marked: string
  readonly from: number
  readonly to: number
  readonly before: string
  readonly after: string
  /** Where the given text has the key itself instead of KEY. */
  readonly keys: readonly (readonly [from: number, to: number])[]
}

/** A given text that produces the sign. */
export interface TextFinding {
  readonly text: TextReading
  readonly reading: SignReading
  /** What was done wrongly with it: key, encoding, digest. */
  readonly mistakes: readonly Mistake[]
}

/** Digests that one search may compute. */
const digestsMax = 60_000
const digestsBetweenLooks = 256

/**
 * How a given text led to the sign: the right way, else with one to three wrong steps. Nothing is disclosed about a text that does not produce
 * the sign, and no comparison asks for less than a whole key or digest (check 92). Null if no way that was tried produces it.
 */
export function findGivenText(
  attempt: Attempt,
  readings: readonly SignReading[],
  given: string,
  hasTime: () => boolean,
): TextFinding | null {
  const texts = readText(given)
  const hasMark = given.includes(keyWord)
  const plain = texts.filter(({ marked, after, to }) => after === '' && to === given.length && (!hasMark || marked.includes(keyMark)))
  const keys = [...keyMistakes.mistakes(attempt)].filter(({ steps }) => steps.key !== undefined)
  const [foreign, own] = [
    keys.filter(({ kind }) => kind === 'key-of-another-merchant'),
    keys.filter(({ kind }) => kind !== 'key-of-another-merchant'),
  ]
  const encodings = [...encodingMistakes.mistakes(attempt)].filter(({ steps }) => steps.encode !== undefined)
  const digests = digestsFor(attempt)
  const trial = new TextTrial(attempt, readings, hasTime)
  const one = (list: readonly GivenMistake[]) => list.map((mistake) => [mistake])
  const two = (first: readonly GivenMistake[], second: readonly GivenMistake[]) => first.flatMap((a) => second.map((b) => [a, b]))
  const rounds: (readonly [readonly TextReading[], () => readonly (readonly GivenMistake[])[]])[] = [
    [texts, () => [[]]],
    [texts, () => one(digests)],
    [texts, () => one(encodings)],
    [texts, () => one(keys)],
    [plain, () => two(digests, encodings)],
    [plain, () => two(digests, own)],
    [plain, () => two(encodings, own)],
    [plain, () => two(digests, foreign)],
    [plain, () => two(encodings, foreign)],
  ]
  for (const [candidates, ways] of rounds) {
    for (const mistakes of ways()) {
      for (const text of candidates) {
        const reading = trial.test(text.marked, mistakes)
        if (reading !== null) return found(withKeyFound(text, given, attempt), reading, mistakes)
      }
      if (trial.isOver) return null
    }
  }
  return null
}

/** Names the digest for such a text: a plain hash without the key is another mistake than one over key and text. */
function found(text: TextReading, reading: SignReading, mistakes: readonly GivenMistake[]): TextFinding {
  const hasKey = text.marked.includes(keyMark)
  return { text, reading, mistakes: mistakes.map((mistake) => (hasKey ? mistake : (mistake.withoutKey ?? mistake))) }
}

/** Whether a given text is the right one, with KEY or a key of the merchant in its place. */
export function isRightText(attempt: Attempt, given: string): boolean {
  const right = rightText(attempt)
  const text = given.replace(/\r?\n$/, '')
  return [keyWord, ...attempt.keys.active].some((key) => text === right.replaceAll(keyMark, key))
}

/** The text that should be hashed, with `keyMark` in the key's place. */
export function rightText({ pairs, profile }: Attempt): string {
  return textToHash(query(byName(pairs)), keyMark, profile.algorithm)
}

/** With KEY where it is, or first, last and nowhere if it is not in the text; with and without the line breaks of pasting. */
function readText(given: string): TextReading[] {
  const ends = [given.length, given.replace(/\r?\n$/, '').length, given.trimEnd().length]
  const starts = [0, given.length - given.trimStart().length]
  const slices = new Map<string, readonly [from: number, to: number]>()
  for (const from of starts) for (const to of ends) if (from < to || given === '') slices.set(`${from}-${to}`, [from, to])
  const texts: TextReading[] = []
  for (const [from, to] of slices.values()) {
    const text = given.slice(from, to)
    const add = (marked: string, before = '', after = '') => texts.push({ marked, from, to, before, after, keys: [] })
    for (const marked of withMarks(text)) {
      add(marked)
      for (const end of ['\n', '\r\n']) if (!text.endsWith('\n')) add(marked + end, '', end)
    }
    if (text.includes(keyWord)) continue
    for (const [before, after] of surroundings) add(`${before}${text}${after}`.replaceAll(keyWord, keyMark), before, after)
  }
  return texts
}

const surroundings = [
  ['KEY&', ''],
  ['KEY', ''],
  ['', '&KEY'],
  ['', 'KEY'],
  ['', '&key=KEY'],
] as const

/** KEY may also be part of a value: tries all occurrences, whole words, each alone, none. */
function withMarks(text: string): string[] {
  const each = [...text.matchAll(/KEY/g)]
    .slice(0, 4)
    .map(({ index }) => text.slice(0, index) + keyMark + text.slice(index + keyWord.length))
  return [...new Set([text.replaceAll(keyWord, keyMark), text.replace(/(?<![A-Za-z0-9])KEY(?![A-Za-z0-9])/g, keyMark), ...each, text])]
}

/**
 * Where the given text has the key itself, first or last. It is not searched for elsewhere: many guesses in one text would
 * all be tried at once.
 */
function withKeyFound(text: TextReading, given: string, { keys }: Attempt): TextReading {
  if (text.marked.includes(keyMark)) return text
  const own = given.slice(text.from, text.to)
  for (const key of keys.active) {
    if (own.startsWith(key)) {
      return { ...text, marked: keyMark + own.slice(key.length) + text.after, keys: [[text.from, text.from + key.length]] }
    }
    if (own.endsWith(key)) {
      return { ...text, marked: text.before + own.slice(0, -key.length) + keyMark + text.after, keys: [[text.to - key.length, text.to]] }
    }
  }
  return text
}

class TextTrial {
  readonly #readings: readonly SignReading[]
  readonly #hasTime: () => boolean
  readonly #keys: readonly string[]
  readonly #digest: Digest
  readonly #keyed = new Map<Digest, boolean>()
  #count = 0
  #nextLook = 0

  constructor({ keys, profile }: Attempt, readings: readonly SignReading[], hasTime: () => boolean) {
    this.#readings = readings
    this.#hasTime = hasTime
    this.#keys = keys.active.length === 0 ? [''] : keys.active
    this.#digest = rightRecipe(profile.algorithm, '').digest
  }

  /** Computed once per digest: it is needed for every text. */
  #takesKey(digest: Digest): boolean {
    const known = this.#keyed.get(digest)
    if (known !== undefined) return known
    const takes = takesKey(digest)
    this.#keyed.set(digest, takes)
    return takes
  }

  get isOver(): boolean {
    if (this.#count < this.#nextLook) return false
    this.#nextLook = this.#count + digestsBetweenLooks
    return this.#count >= digestsMax || !this.#hasTime()
  }

  test(marked: string, mistakes: readonly Mistake[]): SignReading | null {
    const steps: Mistake['steps'] = Object.assign({}, ...mistakes.map((mistake) => mistake.steps))
    const digest = steps.digest ?? this.#digest
    for (const key of steps.key === undefined ? this.#keys : [steps.key]) {
      // An HMAC may have another key than its text contains. A hash has no key: it would be the right key in a text encoded as the other one is.
      const hasOwnKey = steps.key !== undefined && steps.digest !== undefined && this.#takesKey(steps.digest)
      for (const inText of hasOwnKey ? [key, ...this.#keys] : [key]) {
        const text = marked.replaceAll(keyMark, inText)
        const message = steps.encode === undefined ? text : steps.encode(text)
        const hex = digest(message, key)
        this.#count += 1 + (message.length >> 10)
        const isForeign = mistakes.some(({ kind }) => kind === 'wrong-hash')
        const reading = this.#readings.find(({ isOf, isHeadOf }) => isOf(hex) || (isForeign && isHeadOf(hex)))
        if (reading !== undefined) return reading
      }
    }
    return null
  }
}

/** Whether the key is given to it beside the text. */
export function takesKey(digest: Digest): boolean {
  return digest('text', 'key') !== digest('text', 'other key')
}

interface GivenMistake extends Mistake {
  /** What the mistake is when the text has no key. */
  readonly withoutKey?: Mistake
}

/** Each digest once: the given text shows where the key is. */
function digestsFor(attempt: Attempt): GivenMistake[] {
  const own = signingAlgorithms[attempt.profile.algorithm]
  const others = signingAlgorithmIds
    .map((id) => signingAlgorithms[id])
    .filter((other) => other !== own)
    .map(
      (other): Mistake => ({
        ...otherAlgorithmUsed(other, own),
        steps: { digest: (other.keyUse === 'hmac' ? hmacOf : hashOf)(other.hash) },
      }),
    )
  const all = [...others, ...digestMistakes.mistakes(attempt)].flatMap((mistake) =>
    mistake.steps.digest === undefined ? [] : [{ mistake, digest: mistake.steps.digest }],
  )
  return [...Map.groupBy(all, ({ digest }) => digest('text', 'key')).values()].map((same): GivenMistake => {
    const [{ mistake: first, digest }] = same as [(typeof all)[number]]
    const find = (hasKey: boolean) => same.find(({ mistake }) => (mistake.steps.place !== textOnly) === hasKey)?.mistake
    const withoutKey = find(false)
    return { ...(find(true) ?? first), steps: { digest }, ...(withoutKey === undefined ? {} : { withoutKey }) }
  })
}
