import { type SigningAlgorithmId, signatureDigits, signingAlgorithmIds, signingAlgorithms } from '@lobbykey/contract'
import type { Attempt, Family, Mistake } from './mistake.ts'
import { changedMistakes } from './mistakes/changed-mistakes.ts'
import { digestMistakes } from './mistakes/digest-mistakes.ts'
import { encodingMistakes } from './mistakes/encoding-mistakes.ts'
import { fieldMistakes } from './mistakes/field-mistakes.ts'
import { gatewayForms } from './mistakes/gateway-forms.ts'
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
export const families: readonly Family[] = [
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
]

/** Thousands, and so after what is likelier. */
export const lateFamilies: readonly Family[] = [timestampReadTwice]

/** Digests that one explanation may take for each key that would be right (at most two are at once). */
const digestsPerKeyMax = 80_000

/** What of them each phase after the first may take: else one that is seldom right, with many keys, would leave nothing to the others. */
const phaseDigestsMax = {
  pairs: 12_000,
  forms: 8_000,
  wrongKeys: 14_000,
  wrongKeysFar: 16_000,
  triples: 8_000,
  farPairs: 14_000,
  retiredKeys: 12_000,
}

export interface Finding extends Match {
  /** None: the text is right, and only how `sign` is written, or the algorithm, is not. In order of importance. */
  readonly mistakes: readonly Mistake[]
  /** What it was signed with, where the merchant's profile has another. */
  readonly otherAlgorithm: SigningAlgorithmId | null
}

/** Looks for how a signature was made: each mistake alone, then several at once, the likeliest first. `ruledOut` is what was tried in vain. */
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
  const own = searches.at(-1) as Search
  let isCut = false
  for (const phase of ['alone', 'pairs', 'forms', 'late', 'wrongKeys', 'wrongKeysFar', 'triples', 'farPairs', 'retiredKeys'] as const) {
    const last =
      phase === 'alone' || phase === 'late'
        ? Number.POSITIVE_INFINITY
        : trial.count + phaseDigestsMax[phase] * Math.max(1, attempt.keys.active.length)
    let isWhole = true
    // Of them, the profile's own has fewer pairs to try.
    for (const search of phase === 'alone' ? searches : searches.toReversed()) {
      for (const { right, mistakes } of search[phase]()) {
        const match = trial.test(right, mistakes)
        if (match !== null) return { finding: { ...match, mistakes, otherAlgorithm: search.otherAlgorithm }, ruledOut: [] }
        if (trial.isOver) return { finding: null, ruledOut: [...own.ruledOut, cutShort(trial.count)] }
        isWhole = trial.count < last
        if (!isWhole) break
      }
    }
    if (phase === 'forms' && isWhole)
      own.ruledOut.push(
        "another gateway's form: values or name and value run together, one separator everywhere, the key first, last or both",
      )
    if (phase === 'pairs' && isWhole) own.ruledOut.push('any two of the usual mistakes in different steps, with the right key')
    isCut ||= !isWhole
  }
  return { finding: null, ruledOut: isCut ? [...own.ruledOut, cutShort(trial.count)] : own.ruledOut }
}

/** Told in place of what was not tried. */
function cutShort(count: number): string {
  return `and nothing else for certain: of several mistakes at once the search tried the likelier, ${count.toLocaleString('en-US')} ways in all`
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

/** What is tried under one algorithm, phase by phase. */
class Search {
  readonly otherAlgorithm: SigningAlgorithmId | null
  /** What the first phase has tried whole. */
  readonly ruledOut: string[] = []
  readonly #attempt: Attempt
  readonly #trial: Trial
  readonly #rights: readonly Recipe[]
  readonly #combined: Mistake[] = []
  readonly #alone: Mistake[] = []

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
    yield* this.#each(families, isCut)
  }

  /** Mistakes that are many. */
  *late(): Generator<Candidate> {
    yield* this.#each(lateFamilies, this.#digits > this.#trial.digitsMin)
  }

  *#each(some: readonly Family[], isCut: boolean): Generator<Candidate> {
    for (const family of some) {
      // Other hashes are left to the profile's own algorithm: what is one mistake there would be two here.
      if (this.otherAlgorithm !== null && family === digestMistakes) continue
      for (const mistake of family.mistakes(this.#attempt)) {
        if (!isCut || mistake.steps.digest !== undefined) yield* this.#withEachKey([mistake])
        if (mistake.reach === 'alone') this.#alone.push(mistake)
        else this.#combined.push(mistake)
      }
      // Literally: with a signature of another length hardly any of a family is tried.
      if (!isCut || family === digestMistakes) this.ruledOut.push(`${family.ruledOut}; each as the only mistake`)
    }
  }

  /** Two of the usual mistakes, in different steps. */
  *pairs(): Generator<Candidate> {
    const usual = this.#usual()
    for (const [index, second] of usual.entries()) for (const first of usual.slice(0, index)) yield* this.#together([first, second])
  }

  /** Forms of other gateways, which are several mistakes at once and known as one. */
  *forms(): Generator<Candidate> {
    const isRightLength = this.#digits >= this.#trial.digitsMin
    const digests = this.#usual().filter(({ steps }) => steps.digest !== undefined && steps.place === undefined)
    for (const form of gatewayForms(this.#attempt)) {
      if (isRightLength) yield* this.#withEachKey([form])
      else for (const digest of digests) yield* this.#together([form, digest])
    }
  }

  /** A wrong key with each of the usual mistakes. */
  *wrongKeys(): Generator<Candidate> {
    yield* this.#wrongKeysWith(this.#usual(), () => true)
  }

  /** A key that is another altogether with each of the others; of other merchants' keys only the first few. */
  *wrongKeysFar(): Generator<Candidate> {
    const foreign = this.#combined.filter(({ kind }) => kind === 'key-of-another-merchant').slice(0, foreignFarMax)
    yield* this.#wrongKeysWith(this.#unusual(), (key) => key.kind === 'key-retired' || key.kind === 'key-sample' || foreign.includes(key))
  }

  /** The outer loop is the one that changes the text of the fields, which is then made once. */
  *#wrongKeysWith(mistakes: readonly Mistake[], isTried: (key: Mistake) => boolean): Generator<Candidate> {
    const keys = this.#combined.filter((mistake) => isWrongKey(mistake) && isTried(mistake))
    for (const mistake of mistakes) for (const key of keys) yield* this.#together([key, mistake])
  }

  /** Three at once, where two of them are cheap: of where the key stands, how fields are joined, in which order, and the digest. */
  *triples(): Generator<Candidate> {
    const usual = this.#usual()
    const cheap = usual.filter(({ steps }) => Object.keys(steps).every((step) => cheapSteps.includes(step)))
    for (const third of usual) {
      for (const [index, second] of cheap.entries()) {
        if (overlap(second, third)) continue
        for (const first of cheap.slice(0, index)) {
          if (cheap.includes(third) && cheap.indexOf(third) < index) continue
          yield* this.#together([first, second, third])
        }
      }
    }
  }

  /** One of the cheap mistakes with one that is not usual. */
  *farPairs(): Generator<Candidate> {
    const cheap = this.#usual().filter(({ steps }) => Object.keys(steps).every((step) => cheapSteps.includes(step)))
    for (const second of this.#unusual()) for (const first of cheap) yield* this.#together([first, second])
  }

  /** A retired key with everything that is otherwise tried alone. */
  *retiredKeys(): Generator<Candidate> {
    const isRetired = ({ kind }: Mistake) => kind === 'key-retired'
    yield* this.#wrongKeysWith(
      [...gatewayForms(this.#attempt), ...this.#alone.filter((mistake) => !isWrongKey(mistake) && this.#fits(mistake))],
      isRetired,
    )
  }

  #usual(): Mistake[] {
    return this.#combined.filter((mistake) => mistake.reach === 'any' && !isWrongKey(mistake) && this.#fits(mistake))
  }

  #unusual(): Mistake[] {
    return this.#combined.filter((mistake) => mistake.reach !== 'any' && !isWrongKey(mistake) && this.#fits(mistake))
  }

  /** A signature of another length is of another hash or was cut: the digest is one of the mistakes already. */
  #fits({ steps }: Mistake): boolean {
    const digits = this.#trial.digitsOf(steps.digest)
    return digits === undefined || digits >= this.#trial.digitsMin
  }

  /** None for those that are in one step: they cannot both have been made. */
  *#together(mistakes: readonly Mistake[]): Generator<Candidate> {
    if (mistakes.some((mistake, index) => mistakes.slice(0, index).some((other) => overlap(mistake, other)))) return
    const digits = this.#trial.digitsOf(mistakes.find(({ steps }) => steps.digest !== undefined)?.steps.digest) ?? this.#digits
    if (digits >= this.#trial.digitsMin) yield* this.#withEachKey(mistakes)
  }

  get #digits(): number {
    return signingAlgorithms[this.#attempt.profile.algorithm].digits
  }

  *#withEachKey(mistakes: readonly Mistake[]): Generator<Candidate> {
    // With another key in its place, which of the right ones it is does not matter.
    const rights = mistakes.some(isWrongKey) ? this.#rights.slice(0, 1) : this.#rights
    for (const right of rights) yield { right, mistakes }
    // Without a key that would be right, what was done with another or with none can still be told.
    if (this.#rights.length === 0 && mistakes.some(needsNoKey)) {
      yield { right: rightRecipe(this.#attempt.profile.algorithm, ''), mistakes }
    }
  }
}

/** Other merchants' keys that are tried with mistakes that are not usual. */
const foreignFarMax = 3

const cheapSteps = ['place', 'join', 'order', 'digest']

function overlap(a: Mistake, b: Mistake): boolean {
  for (const step in a.steps) if (step in b.steps) return true
  return false
}

function isWrongKey({ steps }: Mistake): boolean {
  return steps.key !== undefined
}

function needsNoKey(mistake: Mistake): boolean {
  return isWrongKey(mistake) || mistake.kind === 'key-missing' || mistake.kind === 'nothing-signed'
}
