import { Text } from '@mantine/core'
import { CodeText } from './code-text.tsx'
import { DifferencePicture, type TextDifference } from './difference-picture.tsx'

interface Cause {
  readonly sentence: string
  readonly cure: string
}

/** The likeliest mistake behind a refused signature, in one sentence, and what cures it. */
export interface Explanation extends Cause {
  /** What else is wrong with the same request. */
  readonly also: readonly Cause[]
  /** What it is not, where no mistake was found. */
  readonly ruledOut: readonly string[]
  readonly difference?: TextDifference
}

/** A refused request: its body as it was sent, and which signed call it is, where that is known. */
export interface ExplainQuestion {
  readonly body: string
  readonly call: string | undefined
  /** What was hashed, with KEY in the key's place, where it is known. */
  readonly text?: string | undefined
}

export type Explain = (question: ExplainQuestion) => Promise<Explanation>

export interface ExplanationTextProps {
  readonly explanation: Explanation
  /** That was asked with. */
  readonly text?: string | undefined
}

export function ExplanationText({ explanation, text }: ExplanationTextProps) {
  return (
    <>
      <CauseText cause={explanation} />
      {explanation.difference !== undefined && text !== undefined && <DifferencePicture text={text} difference={explanation.difference} />}
      {explanation.also.map((cause) => (
        <CauseText key={cause.sentence} cause={cause} />
      ))}
      {explanation.ruledOut.length > 0 && (
        <details>
          <summary>What it is not</summary>
          <ul className="ruled-out">
            {explanation.ruledOut.map((mistake) => (
              <li key={mistake}>{mistake}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function CauseText({ cause: { sentence, cure } }: { readonly cause: Cause }) {
  return (
    <div>
      <Text fw={600}>{sentence}</Text>
      <Text>
        <CodeText text={cure} />
      </Text>
    </div>
  )
}
