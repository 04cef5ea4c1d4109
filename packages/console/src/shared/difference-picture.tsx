import { escapeBlanks, escapeHidden } from '@lobbykey/contract'
import { Text } from '@mantine/core'

type Span = readonly [from: number, to: number]

/** The difference between the signed text and the right one; the server does not repeat the text. */
export interface TextDifference {
  readonly signed: {
    readonly before: string
    readonly from: number
    readonly to: number
    readonly after: string
    readonly keys: readonly Span[]
  }
  readonly right: string
  readonly parts: readonly {
    readonly how: 'same' | 'more' | 'missing' | 'otherwise' | 'moved'
    readonly signed: Span
    readonly right: Span
  }[]
  readonly sentences: readonly string[]
}

/** Both texts, one above the other, with differences marked; then each difference in words. */
export function DifferencePicture({ text, difference }: { readonly text: string; readonly difference: TextDifference }) {
  const own = signedText(text, difference.signed)
  return (
    <figure className="difference" aria-label="Your text and the right one">
      <Text size="sm" c="dimmed">
        Above your text, below the right one:
      </Text>
      <div className="mono lines">
        {difference.parts.map(({ how, signed, right }) => (
          <span key={`${signed}/${right}`} className={`run ${how}`}>
            <Line how={how} text={own.slice(...signed)} />
            <Line how={how} text={difference.right.slice(...right)} />
          </span>
        ))}
      </div>
      <ul>
        {difference.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </figure>
  )
}

/** One text's part of a run; blanks that differ are shown. */
function Line({ how, text }: { readonly how: TextDifference['parts'][number]['how']; readonly text: string }) {
  if (text === '') return <span className="none">{'\u00a0'}</span>
  return <span>{how === 'same' || how === 'moved' ? escapeHidden(text) : escapeBlanks(text)}</span>
}

/** With KEY in place of the key. */
function signedText(text: string, { before, from, to, after, keys }: TextDifference['signed']): string {
  let masked = ''
  let at = from
  for (const [start, end] of keys) {
    masked += `${text.slice(at, start)}KEY`
    at = end
  }
  return before + masked + text.slice(at, to) + after
}
