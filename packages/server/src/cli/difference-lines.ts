import { escapeBlanks, escapeHidden } from '@lobbykey/contract'
import type { TextDifference } from '../core/explain/text/explain-text.ts'

const columns = 92

/** Both texts, one above the other and aligned, with ^ under differences and ␣ for differing spaces; then each difference in words. */
export function differenceLines(given: string, { signed, right, parts, sentences }: TextDifference): string[] {
  const own = signedText(given, signed)
  let [yours, rights, marks] = ['', '', '']
  for (const part of parts) {
    const shown = part.how === 'same' || part.how === 'moved' ? escapeHidden : escapeBlanks
    const [a, b] = [shown(own.slice(...part.signed)), shown(right.slice(...part.right))]
    const width = Math.max(a.length, b.length)
    yours += a.padEnd(width)
    rights += b.padEnd(width)
    marks += (part.how === 'same' ? ' ' : '^').repeat(width)
  }
  const lines: string[] = []
  for (let at = 0; at < marks.length; at += columns) {
    const cut = (line: string) => line.slice(at, at + columns).trimEnd()
    lines.push(`yours  ${cut(yours)}`, `right  ${cut(rights)}`, `       ${cut(marks)}`.trimEnd())
  }
  return [...lines, ...sentences.map((sentence) => `  - ${sentence}`)]
}

/** The signed text, with KEY where the given one has the key itself. */
function signedText(given: string, { before, from, to, after, keys }: TextDifference['signed']): string {
  let text = ''
  let at = from
  for (const [start, end] of keys) {
    text += `${given.slice(at, start)}KEY`
    at = end
  }
  return before + text + given.slice(at, to) + after
}
