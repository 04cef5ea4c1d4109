import { escapeHidden } from '@lobbykey/contract/escape-hidden'

/**
 * What `escapeHidden` escapes, as a character class: other languages know fewer properties of Unicode than JavaScript, or none.
 * @param write a code point in a regular expression of the language
 * @param hasSurrogates whether a text of the language can hold half a pair
 */
export function hiddenClass(write: (codePoint: number) => string, hasSurrogates: boolean): string {
  let ranges = ''
  for (let from = 0; from <= last; from++) {
    if (!isHidden(from)) continue
    let to = from
    while (isHidden(to + 1)) to++
    if (hasSurrogates || !isSurrogate(from)) ranges += to === from ? write(from) : `${write(from)}-${write(to)}`
    from = to
  }
  return `[${ranges}]`
}

/** As PCRE, Java and Go write it. */
export function braced(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`
}

const last = 0x10ffff

function isHidden(codePoint: number): boolean {
  if (codePoint > last) return false
  const char = String.fromCodePoint(codePoint)
  return escapeHidden(char) !== char
}

function isSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint <= 0xdfff
}
