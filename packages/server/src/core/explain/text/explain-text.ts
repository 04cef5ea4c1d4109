import type { Attempt } from '../mistake.ts'
import { byName, keyAndText, query } from '../recipe.ts'
import type { Fault } from '../request-faults.ts'
import { findMistakes } from '../search.ts'
import type { SignReading } from '../sign-readings.ts'
import { compareTexts, inShort, type TextPart } from './compare-texts.ts'
import { findGivenText, keyWord, rightText, type TextFinding, takesKey } from './given-text.ts'
import { keyMark } from './named-character.ts'

/** How a signed text differs from the right one. The signed text itself is not told: whoever asks has it. */
export interface TextDifference {
  /** The signed text is `before`, this part of the given text, and `after`; the key itself, where it stands in the given one, is KEY in it. */
  readonly signed: {
    readonly before: string
    readonly from: number
    readonly to: number
    readonly after: string
    readonly keys: readonly (readonly [from: number, to: number])[]
  }
  /** The right text, with KEY in the key's place. */
  readonly right: string
  /** Runs of both, in the order of the signed text. */
  readonly parts: readonly TextPart[]
  /** Each difference in words, the one that explains most first. */
  readonly sentences: readonly string[]
}

export interface TextExplanation {
  /** None when text and signature are right. */
  readonly digestFaults: readonly Fault[]
  readonly difference?: TextDifference
}

/** What is wrong with a signature, exactly, where the text that was hashed is given. Null when this text does not give it. */
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
  // With a wrong function the best text gives a wrong signature, so that is told first.
  return { digestFaults: [...steps, ...faults], difference }
}

/** The difference is exact without a name; each mistake alone is tried within these. */
const namingDigestsMax = 20_000

const textIsRight = 'Your text is right; what your code does with it is not.'

/** Such as the bare fields for an HMAC: then the function is the one mistake, and where the key stands is a part of it. */
function isRightForFunction({ text, mistakes }: TextFinding, { pairs }: Attempt): boolean {
  const digest = mistakes.find(({ steps }) => steps.digest !== undefined)?.steps.digest
  if (digest === undefined) return false
  const canonical = query(byName(pairs))
  return text.marked === (takesKey(digest) ? canonical : keyAndText(canonical, keyMark))
}

/** With KEY for the mark, and every offset moved accordingly. */
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
