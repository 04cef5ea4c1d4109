import { type SigningAlgorithmId, signatureDigits, signingAlgorithmIds, signingAlgorithms } from '@lobbykey/contract'
import { type Band, bandAt, type Lane, lanesOf, overlap } from './by-cost.ts'
import type { Attempt, Family, Mistake } from './mistake.ts'
import { changedMistakes } from './mistakes/changed-mistakes.ts'
import { digestMistakes } from './mistakes/digest-mistakes.ts'
import { encodingMistakes } from './mistakes/encoding-mistakes.ts'
import { fieldMistakes } from './mistakes/field-mistakes.ts'
import { gatewayForms } from './mistakes/gateway-forms.ts'
import { joinMistakes } from './mistakes/join-mistakes.ts'
import { alteredKeys, keyMistakes } from './mistakes/key-mistakes.ts'
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

/** Thousands of mistakes, so tried after what is likelier. */
export const lateFamilies: readonly Family[] = [timestampReadTwice]

/** Digests that one explanation may compute for each valid key (there are at most two at once). */
const digestsPerKeyMax = 160_000

/** The share of each phase, per key: otherwise one that rarely succeeds would leave nothing for the others. */
const phaseDigestsMax = {
  alone: 20_000,
  forms: 8_000,
  pairs: 10_000,
  retiredKeys: 26_000,
  late: 22_000,
  wrongKeys: 14_000,
  triples: 20_000,
  byCost: 110_000,
}
/** What a phase rules out when it was tried completely; the phases that try single mistakes report by family. */
export const phaseRuledOut = {
  forms:
    "another gateway's form: values or name and value run together, one separator everywhere, the key first, last or both; each as the only mistake",
  pairs: 'any two of the usual mistakes in different steps, with the right key',
  triples: 'any three of the usual mistakes where two concern key, order, separators or algorithm, with the right key',
} satisfies Partial<Record<keyof typeof phaseDigestsMax, string>>
const phases = Object.keys(phaseDigestsMax) as (keyof typeof phaseDigestsMax)[]

/** How many retired keys are tried, in a phase of their own that takes nothing from the others. */
const retiredKeysMax = 3

export interface Finding extends Match {
  /** Empty: the text is right, and only the way `sign` is written, or the algorithm, is wrong. In order of importance. */
  readonly mistakes: readonly Mistake[]
  /** The algorithm used, if the merchant's profile has another. */
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
  for (const phase of phases) {
    const last = trial.count + phaseDigestsMax[phase] * Math.max(1, attempt.keys.active.length)
    const mayGoOn = () => trial.count < last && !trial.isOver
    // The profile's own algorithm has fewer pairs to try.
    for (const search of phase === 'alone' ? searches : searches.toReversed()) {
      const found = search[phase](mayGoOn)
      if (found !== null) return { finding: { ...found, otherAlgorithm: search.otherAlgorithm }, ruledOut: [] }
      if (trial.isOver) return { finding: null, ruledOut: [...own.ruledOut, cutShort(trial.count)] }
    }
    const isWhole = mayGoOn()
    if (isWhole && isKeyOf(phaseRuledOut, phase)) own.ruledOut.push(phaseRuledOut[phase])
    isCut ||= !isWhole
  }
  return { finding: null, ruledOut: isCut ? [...own.ruledOut, cutShort(trial.count)] : own.ruledOut }
}

function isKeyOf<T extends object>(object: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(object, key)
}

/** Stands in for what was not tried. */
function cutShort(count: number): string {
  return `and nothing else for certain: of combined mistakes the search tried only the likelier, ${count.toLocaleString('en-US')} ways in all`
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

/** Polled between digests: false when the phase has used its share. */
type MayGoOn = () => boolean
type Found = Match & { readonly mistakes: readonly Mistake[] }

/** The search under one algorithm, phase by phase. */
class Search {
  readonly otherAlgorithm: SigningAlgorithmId | null
  /** What the first phase tried completely. */
  readonly ruledOut: string[] = []
  readonly #attempt: Attempt
  readonly #trial: Trial
  readonly #rights: readonly Recipe[]
  readonly #tried: Mistake[] = []
  #forms: readonly Mistake[] = []

  constructor(attempt: Attempt, otherAlgorithm: SigningAlgorithmId | null, trial: Trial) {
    this.#attempt = attempt
    this.otherAlgorithm = otherAlgorithm
    this.#trial = trial
    this.#rights = attempt.keys.active.map((key) => rightRecipe(attempt.profile.algorithm, key))
  }

  /** The right recipe, then each mistake. */
  alone(): Found | null {
    // An HMAC as short as another algorithm's signature is of another hash, or cut.
    const { keyUse, digits } = signingAlgorithms[this.#attempt.profile.algorithm]
    const { digitsMin } = this.#trial
    const isCut = keyUse === 'hmac' && digitsMin < digits && signatureDigits.includes(digitsMin)
    return this.#test([]) ?? this.#each(families, isCut)
  }

  /** Mistakes that come in thousands. */
  late(): Found | null {
    return this.#each(lateFamilies, !this.#isOwnLength)
  }

  #each(some: readonly Family[], isCut: boolean): Found | null {
    for (const family of some) {
      // Other hashes are left to the profile's own algorithm: one mistake there would be two here.
      if (this.otherAlgorithm !== null && family === digestMistakes) continue
      let isTried = false
      for (const mistake of family.mistakes(this.#attempt)) {
        isTried = true
        const found = isCut && mistake.steps.digest === undefined ? null : this.#test([mistake])
        if (found !== null || this.#trial.isOver) return found
        if (mistake.reach !== 'never') this.#tried.push(mistake)
      }
      // Only if all were tried: with a signature of another length most of a family is skipped, and with a timestamp that is not in milliseconds all of it.
      if (isTried && (!isCut || family === digestMistakes)) this.ruledOut.push(`${family.ruledOut}; each as the only mistake`)
    }
    return null
  }

  /** Two of the usual mistakes, in different steps. */
  pairs(mayGoOn: MayGoOn): Found | null {
    const usual = this.#usual()
    for (const [index, second] of usual.entries()) {
      for (const first of usual.slice(0, index)) {
        const found = this.#together([first, second])
        if (found !== null || !mayGoOn()) return found
      }
    }
    return null
  }

  /** Forms of other gateways: several mistakes at once, known as one. */
  forms(mayGoOn: MayGoOn): Found | null {
    this.#forms = [...gatewayForms(this.#attempt)]
    const digests = this.#usual().filter(({ steps }) => steps.digest !== undefined && steps.place === undefined)
    for (const form of this.#forms) {
      for (const together of this.#isOwnLength ? [[form]] : digests.map((digest) => [form, digest])) {
        const found = this.#together(together)
        if (found !== null || !mayGoOn()) return found
      }
    }
    return null
  }

  /** A retired key with each other mistake: it is used as a valid one would be. */
  retiredKeys(mayGoOn: MayGoOn): Found | null {
    const { algorithm } = this.#attempt.profile
    const retired = this.#tried.filter(({ kind }) => kind === 'key-retired').slice(0, retiredKeysMax)
    const own = [...this.#forms, ...this.#tried.filter((mistake) => !isWrongKey(mistake) && this.#fits(mistake))]
    for (const mistake of own) {
      for (const key of retired) {
        const found = this.#together([key, mistake])
        if (found !== null || !mayGoOn()) return found
      }
    }
    for (const key of retired) {
      for (const altered of alteredKeys(key.steps.key ?? '', this.#attempt)) {
        const match = this.#trial.test(rightRecipe(algorithm, key.steps.key ?? ''), [altered])
        if (match !== null) return { ...match, mistakes: [key, altered] }
        if (!mayGoOn()) return null
      }
    }
    return null
  }

  /** A wrong key with each of the usual mistakes. The outer loop changes the text of the fields, so that it is built once. */
  wrongKeys(mayGoOn: MayGoOn): Found | null {
    const keys = this.#tried.filter((mistake) => isWrongKey(mistake) && mistake.reach !== 'alone' && mistake.kind !== 'key-retired')
    for (const mistake of this.#usual()) {
      for (const key of keys) {
        const found = this.#together([key, mistake])
        if (found !== null || !mayGoOn()) return found
      }
    }
    return null
  }

  /** Any two mistakes in different steps, the likeliest pairs first. */
  byCost(mayGoOn: MayGoOn): Found | null {
    const foreign = this.#tried.filter(({ kind }) => kind === 'key-of-another-merchant')
    const besides = new Set([...this.#tried.filter(({ kind }) => kind === 'key-retired'), ...foreign.slice(foreignFarMax)])
    const lanes = lanesOf([...this.#forms, ...this.#tried].filter((mistake) => this.#fits(mistake) && !besides.has(mistake)))
    for (let [least, most] = [0, firstBand]; mayGoOn() && least < lastBand; [least, most] = [most, most * 2]) {
      for (const [index, lane] of lanes.entries()) {
        for (const other of lanes.slice(0, index)) {
          if (overlap(lane.steps, other.steps)) continue
          const [first, second] = isEnd(lane) ? [other, lane] : [lane, other]
          const found = this.#across(first, second, { least, most }, mayGoOn)
          if (found !== null || !mayGoOn()) return found
        }
      }
    }
    return null
  }

  #across(first: Lane, second: Lane, { least, most }: { least: number; most: number }, mayGoOn: MayGoOn): Found | null {
    const isFast = isEnd(second) && !isEnd(first) && this.#rights.length > 0
    for (const [rank, mistake] of first.mistakes.entries()) {
      const band = bandAt(rank, least, most)
      if (band.to === 0 || !mayGoOn()) return null
      if (band.from >= second.mistakes.length) continue
      const found = isFast ? this.#ends(mistake, second, band) : this.#pairsWith(mistake, second, band)
      if (found !== null) return found
    }
    return null
  }

  #ends(mistake: Mistake, { mistakes }: Lane, band: Band): Found | null {
    for (const right of this.#rights) {
      const recipe = { ...right, ...mistake.steps }
      const match = this.#trial.testEnds(recipe, mistakes, band)
      if (match !== null) return { reading: match.reading, mistakes: [match.end, mistake] }
    }
    return null
  }

  #pairsWith(mistake: Mistake, { mistakes }: Lane, { from, to }: Band): Found | null {
    for (const other of mistakes.slice(from, to)) {
      const found = this.#together([other, mistake])
      if (found !== null) return found
    }
    return null
  }

  /** Three at once, two of them cheap ones: the key's place, the separators, the order, the digest. */
  triples(mayGoOn: MayGoOn): Found | null {
    const usual = this.#usual()
    const cheap = usual.filter(({ steps }) => Object.keys(steps).every((step) => cheapSteps.includes(step)))
    for (const third of usual) {
      for (const [index, second] of cheap.entries()) {
        if (areOfOneStep(second, third)) continue
        for (const first of cheap.slice(0, index)) {
          if (cheap.includes(third) && cheap.indexOf(third) < index) continue
          const found = this.#together([first, second, third])
          if (found !== null || !mayGoOn()) return found
        }
      }
    }
    return null
  }

  #usual(): Mistake[] {
    return this.#tried.filter((mistake) => mistake.reach === 'any' && !isWrongKey(mistake) && this.#fits(mistake))
  }

  /** A signature of another length is of another hash or was cut: the digest already is one of the mistakes. */
  #fits({ steps, kind }: Mistake): boolean {
    return steps.digest === undefined || this.#trial.fits(steps.digest, kind === 'wrong-hash')
  }

  /** Skips mistakes in the same step: both cannot have been made. */
  #together(mistakes: readonly Mistake[]): Found | null {
    if (mistakes.some((mistake, index) => mistakes.slice(0, index).some((other) => areOfOneStep(mistake, other)))) return null
    const withDigest = mistakes.find(({ steps }) => steps.digest !== undefined)
    return (withDigest === undefined ? this.#isOwnLength : this.#fits(withDigest)) ? this.#test(mistakes) : null
  }

  /** Whether the right digest is possible, by its length. */
  get #isOwnLength(): boolean {
    const { digits } = signingAlgorithms[this.#attempt.profile.algorithm]
    return digits >= this.#trial.digitsMin && digits <= this.#trial.digitsMax
  }

  #test(mistakes: readonly Mistake[]): Found | null {
    // With another key instead, it does not matter which of the valid ones it replaces.
    const rights = mistakes.some(isWrongKey) ? this.#rights.slice(0, 1) : this.#rights
    // Without a valid key, mistakes with another key or with none can still be found.
    const isKeyless = this.#rights.length === 0 && mistakes.some(needsNoKey)
    for (const right of isKeyless ? [rightRecipe(this.#attempt.profile.algorithm, '')] : rights) {
      const match = this.#trial.test(right, mistakes)
      if (match !== null) return { ...match, mistakes }
    }
    return null
  }
}

/** How many other merchants' keys are tried with unusual mistakes. */
const foreignFarMax = 3
/** Product of the ranks of the pairs tried first, and of the last. */
const [firstBand, lastBand] = [64, 1 << 20]

const cheapSteps = ['place', 'join', 'order', 'digest']
const endSteps = ['key', 'place', 'encode', 'digest']

/** Whether no mistake of this lane changes the text of the fields. */
function isEnd({ steps }: Lane): boolean {
  return steps.every((step) => endSteps.includes(step))
}

function areOfOneStep(a: Mistake, b: Mistake): boolean {
  for (const step in a.steps) if (step in b.steps) return true
  return false
}

function isWrongKey({ steps }: Mistake): boolean {
  return steps.key !== undefined
}

function needsNoKey(mistake: Mistake): boolean {
  return isWrongKey(mistake) || mistake.kind === 'key-missing' || mistake.kind === 'nothing-signed'
}
