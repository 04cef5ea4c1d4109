import { Text } from '@mantine/core'
import { CodeText } from './code-text.tsx'
import { DifferencePicture, type TextDifference } from './difference-picture.tsx'

interface Cause {
  readonly sentence: string
  readonly cure: string
}

/** The likeliest mistake behind a refused signature, in one sentence, with its fix. */
export interface Explanation extends Cause {
  /** Other mistakes in the same request. */
  readonly also: readonly Cause[]
  /** Mistakes that were ruled out, when none was found. */
  readonly ruledOut: readonly string[]
  readonly difference?: TextDifference
}

/** A refused request: its body as sent, and the signed call, if known. */
export interface ExplainQuestion {
  readonly body: string
  readonly call: string | undefined
  /** The hashed text, with KEY in place of the key, if known. */
  readonly text?: string | undefined
}

export type Explain = (question: ExplainQuestion) => Promise<Explanation>

export interface ExplanationTextProps {
  readonly explanation: Explanation
  /** The text that was asked about. */
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
