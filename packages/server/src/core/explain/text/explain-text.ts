import type { Attempt } from '../mistake.ts'
import { byName, keyAndText, query } from '../recipe.ts'
import type { Fault } from '../request-faults.ts'
import { findMistakes } from '../search.ts'
import type { SignReading } from '../sign-readings.ts'
import { compareTexts, inShort, type TextPart } from './compare-texts.ts'
import { findGivenText, keyWord, rightText, type TextFinding, takesKey } from './given-text.ts'
import { keyMark } from './named-character.ts'

/** How a signed text differs from the right one. The signed text itself is left out: the asker has it. */
export interface TextDifference {
  /** The signed text is `before`, this part of the given text, and `after`; if the given text contains the key itself, it is KEY here. */
  readonly signed: {
    readonly before: string
    readonly from: number
    readonly to: number
    readonly after: string
    readonly keys: readonly (readonly [from: number, to: number])[]
  }
  /** The right text, with KEY in the key's place. */
  readonly right: string
  /** Runs of both texts, in the order of the signed one. */
  readonly parts: readonly TextPart[]
  /** Each difference in words, the most important first. */
  readonly sentences: readonly string[]
}

export interface TextExplanation {
  /** Empty when text and signature are right. */
  readonly digestFaults: readonly Fault[]
  readonly difference?: TextDifference
}

/** What exactly is wrong with a signature, from the hashed text; null if this text does not produce it. */
export function explainText(
  attempt: Attempt,
  readings: readonly SignReading[],
  given: string,
  hasTime: () => boolean = () => true,
): TextExplanation | null {
  const finding = findGivenText(attempt, readings, given, hasTime)
  if (finding === null) return null
  const right = rightText(attempt)
  const steps: Fault[] = [...(finding.reading.fault === null ? [] : [{ ...finding.reading.fault, field: 'sign' }]), ...finding.mistakes]
  if (finding.text.marked === right)
    return {
      digestFaults: steps.map(({ sentence, ...fault }, index) => ({
        ...fault,
        sentence: index === 0 ? `${textIsRight} ${sentence}` : sentence,
      })),
    }
  const { parts, sentences } = compareTexts(finding.text.marked, right, [
    ...attempt.names,
    ...Object.keys(attempt.call.schema.properties),
    'key',
  ])
  const difference = shown(finding, right, parts, sentences)
  if (isRightForFunction(finding, attempt)) return { digestFaults: steps, difference }
  const differs: Fault = { kind: 'text-differs', sentence: inShort(sentences) }
  const isPlain = finding.mistakes.length === 0
  const named = isPlain ? findMistakes(attempt, readings, hasTime, namingDigestsMax).finding : null
  const faults = named === null || named.otherAlgorithm !== null ? [differs] : named.mistakes
  // With a wrong function even the right text gives a wrong signature, so that comes first.
  return { digestFaults: [...steps, ...faults], difference }
}

/** Digests spent on naming the difference, which is exact without a name too; each mistake is tried alone. */
const namingDigestsMax = 20_000

const textIsRight = 'Your text is right; what your code does with it is wrong.'

/** Such as the bare fields for an HMAC: then the function is the only mistake, and the key's place is part of it. */
function isRightForFunction({ text, mistakes }: TextFinding, { pairs }: Attempt): boolean {
  const digest = mistakes.find(({ steps }) => steps.digest !== undefined)?.steps.digest
  if (digest === undefined) return false
  const canonical = query(byName(pairs))
  return text.marked === (takesKey(digest) ? canonical : keyAndText(canonical, keyMark))
}

/** With KEY instead of the mark, and every offset adjusted. */
function shown({ text }: TextFinding, right: string, parts: readonly TextPart[], sentences: readonly string[]): TextDifference {
  const { marked, before, from, to, after, keys } = text
  const [own, its] = [shift(marked), shift(right)]
  return {
    signed: { before, from, to, after, keys },
    right: right.replaceAll(keyMark, keyWord),
    parts: parts.map(({ how, signed, right }) => ({
      how,
      signed: [own(signed[0]), own(signed[1])],
      right: [its(right[0]), its(right[1])],
    })),
    sentences,
  }
}

function shift(marked: string): (at: number) => number {
  return (at) => at + marked.slice(0, at).split(keyMark).length * (keyWord.length - 1) - (keyWord.length - 1)
}
