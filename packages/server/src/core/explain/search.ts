import { type SigningAlgorithmId, signatureDigits, signingAlgorithmIds, signingAlgorithms } from '@lobbykey/contract'
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
import { type Recipe, rightRecipe } from './recipe.ts'
import type { SignReading } from './sign-readings.ts'
import { type Match, Trial } from './trial.ts'

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

/** Digests that one explanation may take for each key that would be right (at most two are at once). */
const digestsPerKeyMax = 20_000

export interface Finding extends Match {
  /** None: the text is right, and only how `sign` is written, or the algorithm, is not. In order of importance. */
  readonly mistakes: readonly Mistake[]
  /** What it was signed with, where the merchant's profile has another. */
  readonly otherAlgorithm: SigningAlgorithmId | null
}

/** Looks for how a signature was made: each mistake alone, then two together. `ruledOut` is what was tried in vain. */
export function findMistakes(
  attempt: Attempt,
  readings: readonly SignReading[],
  hasTime: () => boolean = () => true,
  digestsMax = digestsPerKeyMax * Math.max(1, attempt.keys.active.length),
): { readonly finding: Finding | null; readonly ruledOut: readonly string[] } {
  const { profile, pairs } = attempt
  const trial = new Trial(pairs, readings, digestsMax, hasTime)
  const searches = algorithmsFor(profile.algorithm, readings).map(
    (algorithm) =>
      new Search({ ...attempt, profile: { ...profile, algorithm } }, algorithm === profile.algorithm ? null : algorithm, trial),
  )
  const own = searches.at(-1)
  for (const phase of ['alone', 'together'] as const) {
    // Of them, the profile's own has fewer pairs to try.
    for (const search of phase === 'alone' ? searches : searches.toReversed()) {
      for (const { right, mistakes } of search[phase]()) {
        const match = trial.test(right, mistakes)
        if (match !== null) return { finding: { ...match, mistakes, otherAlgorithm: search.otherAlgorithm }, ruledOut: [] }
        if (trial.isOver) return { finding: null, ruledOut: own?.ruledOut ?? [] }
      }
    }
  }
  const together = 'each of these together with a wrong key that is known, and the usual ones two together'
  return { finding: null, ruledOut: [...(own?.ruledOut ?? []), together] }
}

/**
 * The profile's own algorithm; before it those with the key in the text, for a signature of their length where a merchant was moved to an
 * HMAC. The other way round, and among HMACs, the algorithm is one of the hashes that `digestMistakes` tries.
 */
function algorithmsFor(own: SigningAlgorithmId, readings: readonly SignReading[]): SigningAlgorithmId[] {
  const others = signingAlgorithmIds.filter((id) => {
    const { keyUse, digits } = signingAlgorithms[id]
    return id !== own && keyUse === 'key-in-text' && readings.some(({ digitsMin }) => digitsMin === digits)
  })
  return signingAlgorithms[own].keyUse === 'hmac' ? [...others, own] : [own]
}

interface Candidate {
  readonly right: Recipe
  readonly mistakes: readonly Mistake[]
}

/** What is tried under one algorithm, in two phases. */
class Search {
  readonly otherAlgorithm: SigningAlgorithmId | null
  /** What the first phase has tried whole. */
  readonly ruledOut: string[] = []
  readonly #attempt: Attempt
  readonly #trial: Trial
  readonly #rights: readonly Recipe[]
  readonly #combined: Mistake[] = []

  constructor(attempt: Attempt, otherAlgorithm: SigningAlgorithmId | null, trial: Trial) {
    this.#attempt = attempt
    this.otherAlgorithm = otherAlgorithm
    this.#trial = trial
    this.#rights = attempt.keys.active.map((key) => rightRecipe(attempt.profile.algorithm, key))
  }

  /** The right recipe, then each mistake. */
  *alone(): Generator<Candidate> {
    // An HMAC as short as another algorithm's signature is of another hash, or nothing but cut.
    const { keyUse, digits } = signingAlgorithms[this.#attempt.profile.algorithm]
    const { digitsMin } = this.#trial
    const isCut = keyUse === 'hmac' && digitsMin < digits && signatureDigits.includes(digitsMin)
    yield* this.#withEachKey([])
    for (const family of families) {
      // Other hashes are left to the profile's own algorithm: what is one mistake there would be two here.
      if (this.otherAlgorithm !== null && family === digestMistakes) continue
      for (const mistake of family.mistakes(this.#attempt)) {
        if (!isCut || mistake.steps.digest !== undefined) yield* this.#withEachKey([mistake])
        if (mistake.reach !== 'alone') this.#combined.push(mistake)
      }
      this.ruledOut.push(family.ruledOut)
    }
  }

  /** Two mistakes: a wrong key with everything first, then the usual ones with each other. */
  *together(): Generator<Candidate> {
    const { digitsMin } = this.#trial
    const digitsRight = signingAlgorithms[this.#attempt.profile.algorithm].digits
    if (digitsMin === digitsRight) {
      yield* this.#pairsWith(isWrongKey)
      yield* this.#usualPairs()
    } else {
      // A signature of another length is of another hash or was cut, which is one mistake already.
      const digitsMax = digitsMin < digitsRight ? digitsMin : Number.POSITIVE_INFINITY
      yield* this.#pairsWith(({ steps, reach }) => {
        const digits = this.#trial.digitsOf(steps.digest)
        return reach === 'any' && digits !== undefined && digits >= digitsMin && digits <= digitsMax
      })
    }
  }

  /** The outer loop is the one that changes the text of the fields, which is then made once. */
  *#pairsWith(isPivot: (mistake: Mistake) => boolean): Generator<Candidate> {
    const pivots = this.#combined.filter(isPivot)
    for (const second of this.#combined) {
      for (const first of pivots) {
        if (first.reach === 'any' || second.reach === 'any') yield* this.#pair(first, second)
      }
    }
  }

  *#usualPairs(): Generator<Candidate> {
    const usual = this.#combined.filter((mistake) => mistake.reach === 'any' && !isWrongKey(mistake))
    for (const [index, second] of usual.entries()) for (const first of usual.slice(0, index)) yield* this.#pair(first, second)
  }

  /** None for two that are in one step: they cannot both have been made. */
  *#pair(first: Mistake, second: Mistake): Generator<Candidate> {
    for (const step in first.steps) if (step in second.steps) return
    yield* this.#withEachKey([first, second])
  }

  *#withEachKey(mistakes: readonly Mistake[]): Generator<Candidate> {
    for (const right of this.#rights) yield { right, mistakes }
    // Without a key that would be right, what was done with another or with none can still be told.
    if (this.#rights.length === 0 && mistakes.some(needsNoKey)) {
      yield { right: rightRecipe(this.#attempt.profile.algorithm, ''), mistakes }
    }
  }
}

function isWrongKey({ steps }: Mistake): boolean {
  return steps.key !== undefined
}

function needsNoKey(mistake: Mistake): boolean {
  return isWrongKey(mistake) || mistake.kind === 'key-missing' || mistake.kind === 'nothing-signed'
}
