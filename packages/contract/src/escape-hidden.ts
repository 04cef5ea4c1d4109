/** Replaces hidden characters, line breaks included, by JSON escapes of their UTF-16 units. */
export function escapeHidden(text: string): string {
  return text.replace(hidden, (char) => Array.from({ length: char.length }, (_unit, at) => escapeUnit(char.charCodeAt(at))).join(''))
}

/** Characters that do not show as themselves: control, invisible and bidirectional characters, blanks other than the space, lone surrogates. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800]|(?! )\p{Zs}/gu

const shown = '[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Zs}\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u2800]'
/** A pattern for schemas: a name of visible characters that does not begin or end with a space. */
export const shownNamePattern = `^${shown}(?:(?:${shown}| )*${shown})?$`

/** The same with spaces as ␣, for where a space may be the difference. */
export function escapeBlanks(text: string): string {
  return escapeHidden(text).replaceAll(' ', '␣')
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
