import { Text } from '@mantine/core'
import { CodeText } from './code-text.tsx'
import { DifferencePicture, type TextDifference } from './difference-picture.tsx'

interface Cause {
  readonly kind: string
  readonly field?: string
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
  readonly words?: ExplanationWords
}

/** In another language than the server's English. */
export interface ExplanationWords {
  /** By kind; the server's sentence stays below, as it is more exact. */
  readonly mistakes: { readonly [kind: string]: readonly [cause: string, cure: string] }
  readonly ruledOut: string
}

export function ExplanationText({ explanation, text, words = inEnglish }: ExplanationTextProps) {
  return (
    <>
      <CauseText cause={explanation} words={words} />
      {explanation.difference !== undefined && text !== undefined && <DifferencePicture text={text} difference={explanation.difference} />}
      {explanation.also.map((cause) => (
        <CauseText key={cause.sentence} cause={cause} words={words} />
      ))}
      {explanation.ruledOut.length > 0 && (
        <details>
          <summary>{words.ruledOut}</summary>
          <ul className="ruled-out" lang="en">
            {explanation.ruledOut.map((mistake) => (
              <li key={mistake}>{mistake}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

const inEnglish: ExplanationWords = { mistakes: {}, ruledOut: 'What it is not' }

function CauseText({ cause: { kind, field, sentence, cure }, words }: { readonly cause: Cause; readonly words: ExplanationWords }) {
  const own = Object.hasOwn(words.mistakes, kind) ? words.mistakes[kind] : undefined
  if (own !== undefined) {
    return (
      <div>
        <Text fw={600}>
          {own[0]} {field !== undefined && !own[0].includes(field) && <code>{field}</code>}
        </Text>
        <Text>
          <CodeText text={own[1]} />
        </Text>
        <Text size="sm" c="dimmed" lang="en">
          {sentence}
        </Text>
      </div>
    )
  }
  return (
    <div>
      <Text fw={600}>{sentence}</Text>
      <Text>
        <CodeText text={cure} />
      </Text>
    </div>
  )
}
