import type { Band } from './by-cost.ts'
import type { Mistake } from './mistake.ts'
import { type Digest, type Pair, type Recipe, textOf } from './recipe.ts'
import type { SignReading } from './sign-readings.ts'

export interface Match {
  readonly reading: SignReading
}

/** This many characters count as one more digest. */
const longText = 1_024
/** Digests between two checks of the time. */
const digestsBetweenLooks = 256

/** Tries recipes against what was sent, and counts the digests. */
export class Trial {
  /** A digest of fewer digits cannot match, and one of more only if it was cut. */
  readonly digitsMin: number
  readonly digitsMax: number
  readonly #pairs: readonly Pair[]
  readonly #readings: readonly SignReading[]
  readonly #digestsMax: number
  readonly #digits = new Map<Digest, number>()
  readonly #hasTime: () => boolean
  #count = 0
  #nextLook = 0
  #isLate = false
  #last: Pick<Recipe, 'select' | 'print' | 'order' | 'join'> | null = null
  #lastText = ''

  constructor(pairs: readonly Pair[], readings: readonly SignReading[], digestsMax: number, hasTime: () => boolean) {
    this.#pairs = pairs
    this.#readings = readings
    this.#digestsMax = digestsMax
    this.#hasTime = hasTime
    this.digitsMin = Math.min(...readings.map(({ digitsMin }) => digitsMin))
    this.digitsMax = Math.max(...readings.map(({ digitsMax }) => digitsMax))
  }

  /** Digests so far. */
  get count(): number {
    return this.#count
  }

  get isOver(): boolean {
    if (!this.#isLate && this.#count >= this.#nextLook) {
      this.#nextLook = this.#count + digestsBetweenLooks
      this.#isLate = !this.#hasTime()
    }
    return this.#isLate || this.#count >= this.#digestsMax
  }

  /** Whether a digest can match by its length, which is known after its first use. Those of other hashes are cut to the right length. */
  fits(digest: Digest, isForeign: boolean): boolean {
    const digits = this.#digits.get(digest)
    return digits === undefined || (digits >= this.digitsMin && (isForeign || digits <= this.digitsMax))
  }

  /** Null when the recipe with these mistakes (three at most, in different steps) does not give what was sent. */
  test(right: Recipe, mistakes: readonly Mistake[]): Match | null {
    const digest = mistakes[2]?.steps.digest ?? mistakes[1]?.steps.digest ?? mistakes[0]?.steps.digest ?? right.digest
    const isForeign = mistakes.some(({ kind }) => kind === 'wrong-hash')
    if (!this.fits(digest, isForeign)) return null
    const recipe = combine(right, mistakes)
    const message = recipe.encode(recipe.place(this.#textOf(recipe), recipe.key))
    const hex = digest(message, recipe.key)
    this.#digits.set(digest, hex.length)
    this.#count += 1 + Math.floor(message.length / longText)
    const reading = this.#readingOf(hex, isForeign)
    return reading === null ? null : { reading }
  }

  /**
   * Tries a range of last steps on one text of the fields. What they do not change is `right`'s. This is
   * where most digests are computed: nothing is allocated but what is hashed.
   */
  testEnds(right: Recipe, ends: readonly Mistake[], { from, to }: Band): (Match & { readonly end: Mistake }) | null {
    const text = this.#textOf(right)
    for (let at = from; at < to && at < ends.length; at++) {
      const end = ends[at] as Mistake
      const { steps } = end
      const digest = steps.digest ?? right.digest
      if (!this.fits(digest, end.kind === 'wrong-hash')) continue
      const key = steps.key ?? right.key
      const placed = (steps.place ?? right.place)(text, key)
      const hex = digest(steps.encode === undefined ? placed : steps.encode(placed), key)
      this.#count += 1 + Math.floor(placed.length / longText)
      const reading = this.#readingOf(hex, end.kind === 'wrong-hash')
      if (reading !== null) return { reading, end }
    }
    return null
  }

  #readingOf(hex: string, isForeign: boolean): SignReading | null {
    for (const reading of this.#readings) if (reading.isOf(hex) || (isForeign && reading.isHeadOf(hex))) return reading
    return null
  }

  /** Reuses the last text if only later steps differ. */
  #textOf(recipe: Recipe): string {
    const last = this.#last
    const isSame =
      last !== null &&
      last.join === recipe.join &&
      last.select === recipe.select &&
      last.print === recipe.print &&
      last.order === recipe.order
    if (!isSame) {
      this.#lastText = textOf(recipe, this.#pairs)
      this.#last = recipe
    }
    return this.#lastText
  }
}

/** One object of one shape: this runs for every digest. */
function combine(right: Recipe, [first, second, third]: readonly Mistake[]): Recipe {
  const a = second?.steps ?? noSteps
  const b = first?.steps ?? noSteps
  const c = third?.steps ?? noSteps
  return {
    select: a.select ?? b.select ?? c.select ?? right.select,
    print: a.print ?? b.print ?? c.print ?? right.print,
    order: a.order ?? b.order ?? c.order ?? right.order,
    join: a.join ?? b.join ?? c.join ?? right.join,
    key: a.key ?? b.key ?? c.key ?? right.key,
    place: a.place ?? b.place ?? c.place ?? right.place,
    encode: a.encode ?? b.encode ?? c.encode ?? right.encode,
    digest: a.digest ?? b.digest ?? c.digest ?? right.digest,
  }
}

const noSteps: Mistake['steps'] = {}
