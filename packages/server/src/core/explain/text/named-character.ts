/** Names of characters that are invisible or pass for others: `a space`, `a byte order mark`. Others are quoted. */

const names: Readonly<Record<string, string>> = {
  '\0': 'a zero byte (NUL)',
  '\t': 'a tab',
  '\n': 'a line feed (LF)',
  '\r': 'a carriage return (CR)',
  ' ': 'a space',
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero-width space',
  '\u200c': 'a zero-width non-joiner',
  '\u200d': 'a zero-width joiner',
  '\u200e': 'a left-to-right mark',
  '\u200f': 'a right-to-left mark',
  '\u2028': 'a line separator',
  '\u2060': 'a word joiner',
  '\u3000': 'a full-width space',
  '\ufeff': 'a byte order mark (BOM)',
  '\ufffd': 'a replacement character',
  '\u2018': 'a typographic quote ‘',
  '\u2019': 'a typographic quote ’',
  '\u201c': 'a typographic quote “',
  '\u201d': 'a typographic quote ”',
}

/** Longer pieces are described by their length: they could be secrets, and nobody reads them. */
const quotedMax = 12

/** Stands for the key in a text, so that no letter of the key is compared. */
export const keyMark = '\ue000'

/** A piece of a text as a sentence shows it. */
export function named(piece: string): string {
  if (piece === keyMark) return 'KEY'
  const only = [...new Set(piece)]
  const name = only.length === 1 ? nameOf(only[0] ?? '') : null
  if (piece === '\r\n') return 'a line break (CRLF)'
  if (name !== null) return piece.length === 1 ? name : `${piece.length} times ${name}`
  if (piece.length > quotedMax) return `${[...piece].length} characters`
  if ([...piece].some((char) => nameOf(char) !== null && char !== ' ')) return [...piece].map(named).join(', ')
  return `“${piece.replaceAll(keyMark, 'KEY')}”`
}

/** The same with its verb: `“%3A” stands`, `12 characters stand`. */
export function stands(piece: string): string {
  const name = named(piece)
  return `${name} ${/^\d/.test(name) || name.includes(', ') ? 'stand' : 'stands'}`
}

export function belongs(piece: string): string {
  const name = named(piece)
  return `${name} ${/^\d/.test(name) || name.includes(', ') ? 'belong' : 'belongs'}`
}

function nameOf(char: string): string | null {
  const name = names[char]
  if (name !== undefined) return name
  const code = char.codePointAt(0) ?? 0
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  if (char === keyMark) return null
  if (code >= 0xff01 && code <= 0xff5e) return `a full-width “${char.normalize('NFKC')}” (${point})`
  if (/\p{M}/u.test(char)) return `a combining mark (${point})`
  if (/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u.test(char)) return `an invisible character (${point})`
  return null
}
