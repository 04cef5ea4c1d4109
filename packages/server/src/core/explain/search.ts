import type { SigningProfile } from '@lobbykey/contract'
import { signatureDigits } from '../signature.ts'
import type { Attempt, Family, Mistake } from './mistake.ts'
import { changedMistakes } from './mistakes/changed-mistakes.ts'
import { digestMistakes } from './mistakes/digest-mistakes.ts'
import { encodingMistakes } from './mistakes/encoding-mistakes.ts'
import { fieldMistakes } from './mistakes/field-mistakes.ts'
import { joinMistakes } from './mistakes/join-mistakes.ts'
import { keyMistakes } from './mistakes/key-mistakes.ts'
import { orderMistakes } from './mistakes/order-mistakes.ts'
import { placeMistakes } from './mistakes/place-mistakes.ts'
import { timestampFormMistakes, timestampReadTwice } from './mistakes/timestamp-mistakes.ts'
import { valueMistakes } from './mistakes/value-mistakes.ts'
import { type Digest, type Recipe, rightRecipe, textOf } from './recipe.ts'
import type { SignReading } from './sign-readings.ts'

/** In the order in which they are tried; where two give the same text, the earlier is named. */
const families: readonly Family[] = [
  keyMistakes,
  placeMistakes,
  digestMistakes,
  fieldMistakes,
  orderMistakes,
  valueMistakes,
  timestampFormMistakes,
  joinMistakes,
  encodingMistakes,
  changedMistakes,
  timestampReadTwice,
]

/** Digests that one explanation may take for each key that would be right (at most two are at once); long texts count for more. */
const digestsMax = 20_000
const longText = 1_024

export interface Finding {
  /** None: the text is right, and only `reading` or the algorithm is not. In order of importance. */
  readonly mistakes: readonly Mistake[]
  readonly reading: SignReading
  /** The digest was longer than what was sent. */
  readonly isCut: boolean
  /** The merchant's profile has the other algorithm. */
  readonly isOtherAlgorithm: boolean
}

/** Looks for how a signature was made: each mistake alone, then two together. `ruledOut` is what was tried in vain. */
export function findMistakes(
  attempt: Attempt,
  readings: readonly SignReading[],
): { readonly finding: Finding | null; readonly ruledOut: readonly string[] } {
  const ruledOut: string[] = []
  const trial = new Trial(attempt, readings)
  const searches = algorithmsFor(attempt.profile.algorithm, readings).map((algorithm) => {
    const isOtherAlgorithm = algorithm !== attempt.profile.algorithm
    // Other hashes are left to the profile's own algorithm: what is one mistake there would be two here.
    const tried = isOtherAlgorithm ? families.filter((family) => family !== digestMistakes) : families
    // A signature longer than the algorithm's digest is surely of another hash.
    const isOtherHash = trial.digitsMin > signatureDigits[algorithm]
    const isPivot = (mistake: Mistake) =>
      isWrongKey(mistake) || (isOtherHash && mistake.steps.digest !== undefined && mistake.reach === 'any')
    return {
      isOtherAlgorithm,
      ...candidates({ ...attempt, profile: { ...attempt.profile, algorithm } }, tried, isPivot, isOtherAlgorithm ? [] : ruledOut),
    }
  })
  for (const phase of ['alone', 'together'] as const) {
    for (const search of searches) {
      for (const { right, mistakes } of search[phase]()) {
        if (trial.isTooShort(mistakes[1]?.steps.digest ?? mistakes[0]?.steps.digest ?? right.digest)) continue
        const match = trial.test(combine(right, mistakes))
        if (match !== null) return { finding: { ...match, mistakes, isOtherAlgorithm: search.isOtherAlgorithm }, ruledOut }
        if (trial.isOver) return { finding: null, ruledOut }
      }
    }
  }
  return {
    finding: null,
    ruledOut: [...ruledOut, 'each of these together with a wrong key that is known, and the usual ones two together'],
  }
}

/**
 * The profile's own algorithm; before it MD5, for a signature of that length where a merchant was moved to HMAC-SHA256. The other
 * way round, HMAC-SHA256 is one of the hashes tried in place of MD5.
 */
function algorithmsFor(own: SigningProfile['algorithm'], readings: readonly SignReading[]): SigningProfile['algorithm'][] {
  const isMd5 = own !== 'md5' && readings.some(({ digitsMin }) => digitsMin === signatureDigits.md5)
  return isMd5 ? ['md5', own] : [own]
}

interface Candidate {
  readonly right: Recipe
  readonly mistakes: readonly Mistake[]
}

function candidates(attempt: Attempt, tried: readonly Family[], isPivot: (mistake: Mistake) => boolean, ruledOut: string[]) {
  const rights = attempt.keys.active.map((key) => rightRecipe(attempt.profile.algorithm, key))
  const keyless = rights.length === 0 ? rightRecipe(attempt.profile.algorithm, '') : null
  const combined: Mistake[] = []

  function* withEachKey(mistakes: readonly Mistake[]): Generator<Candidate> {
    for (const right of rights) yield { right, mistakes }
    // Without a key that would be right, what was done with another or with none can still be told.
    if (keyless !== null && mistakes.some(needsNoKey)) yield { right: keyless, mistakes }
  }

  return {
    *alone(): Generator<Candidate> {
      yield* withEachKey([])
      for (const family of tried) {
        for (const mistake of family.mistakes(attempt)) {
          yield* withEachKey([mistake])
          if (mistake.reach !== 'alone') combined.push(mistake)
        }
        ruledOut.push(family.ruledOut)
      }
    },
    *together(): Generator<Candidate> {
      for (const mistakes of pairs(combined, isPivot)) yield* withEachKey(mistakes)
    },
  }
}

/** One object of one shape: this runs for every digest. */
function combine(right: Recipe, [first, second]: readonly Mistake[]): Recipe {
  const a = second?.steps ?? noSteps
  const b = first?.steps ?? noSteps
  return {
    select: a.select ?? b.select ?? right.select,
    print: a.print ?? b.print ?? right.print,
    order: a.order ?? b.order ?? right.order,
    join: a.join ?? b.join ?? right.join,
    key: a.key ?? b.key ?? right.key,
    place: a.place ?? b.place ?? right.place,
    encode: a.encode ?? b.encode ?? right.encode,
    digest: a.digest ?? b.digest ?? right.digest,
  }
}

const noSteps: Mistake['steps'] = {}

function needsNoKey(mistake: Mistake): boolean {
  return isWrongKey(mistake) || mistake.kind === 'key-missing' || mistake.kind === 'nothing-signed'
}

/**
 * Two mistakes in different steps: what is certain or grave with everything, then the usual ones with each other. The outer loop is
 * the one that changes the text of the fields, which is then made once.
 */
function* pairs(combined: readonly Mistake[], isPivot: (mistake: Mistake) => boolean): Generator<readonly [Mistake, Mistake]> {
  const pivots = combined.filter(isPivot)
  for (const second of combined) {
    for (const first of pivots) {
      if ((first.reach === 'any' || second.reach === 'any') && areApart(first, second)) yield [first, second]
    }
  }
  const usual = combined.filter((mistake) => mistake.reach === 'any' && !isPivot(mistake))
  for (const [index, second] of usual.entries()) {
    for (const first of usual.slice(0, index)) if (areApart(first, second)) yield [first, second]
  }
}

function isWrongKey({ steps }: Mistake): boolean {
  return steps.key !== undefined
}

function areApart(first: Mistake, second: Mistake): boolean {
  for (const step in first.steps) if (step in second.steps) return false
  return true
}

/** Tries recipes against what was sent, and counts the digests. */
class Trial {
  readonly #attempt: Attempt
  readonly #readings: readonly SignReading[]
  /** A digest of fewer digits cannot be the one. */
  readonly digitsMin: number
  readonly #digits = new Map<Digest, number>()
  #count = 0
  #last: Pick<Recipe, 'select' | 'print' | 'order' | 'join'> | null = null
  #lastText = ''

  constructor(attempt: Attempt, readings: readonly SignReading[]) {
    this.#attempt = attempt
    this.#readings = readings
    this.digitsMin = Math.min(...readings.map(({ digitsMin }) => digitsMin))
  }

  get isOver(): boolean {
    return this.#count >= digestsMax * Math.max(1, this.#attempt.keys.active.length)
  }

  /** Known once it has been tried: a digest of too few digits cannot be the one, whatever it is made of. */
  isTooShort(digest: Digest): boolean {
    return (this.#digits.get(digest) ?? this.digitsMin) < this.digitsMin
  }

  test(recipe: Recipe): Pick<Finding, 'reading' | 'isCut'> | null {
    const { digest, key } = recipe
    const message = recipe.encode(recipe.place(this.#textOf(recipe), key))
    const hex = digest(message, key)
    this.#digits.set(digest, hex.length)
    this.#count += 1 + Math.floor(message.length / longText)
    const reading = this.#readings.find(({ isOf }) => isOf(hex))
    return reading === undefined ? null : { reading, isCut: hex.length > reading.digitsMin && reading.fault?.kind !== 'sign-zeros-lost' }
  }

  /** As the last one, where only later steps differ. */
  #textOf(recipe: Recipe): string {
    const last = this.#last
    const isSame =
      last !== null &&
      last.join === recipe.join &&
      last.select === recipe.select &&
      last.print === recipe.print &&
      last.order === recipe.order
    if (!isSame) {
      this.#lastText = textOf(recipe, this.#attempt.pairs)
      this.#last = recipe
    }
    return this.#lastText
  }
}
