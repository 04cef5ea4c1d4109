import { Text } from '@mantine/core'
import { CodeText } from './code-text.tsx'

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
}

/** A refused request: its body as it was sent, and which signed call it is, where that is known. */
export interface ExplainQuestion {
  readonly body: string
  readonly call: string | undefined
}

export type Explain = (question: ExplainQuestion) => Promise<Explanation>

export function ExplanationText({ explanation }: { readonly explanation: Explanation }) {
  return (
    <>
      {[explanation, ...explanation.also].map(({ sentence, cure }) => (
        <div key={sentence}>
          <Text fw={600}>{sentence}</Text>
          <Text>
            <CodeText text={cure} />
          </Text>
        </div>
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
