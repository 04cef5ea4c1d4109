import Type from 'typebox'
import { shownNamePattern } from '../escape-hidden.ts'

/** Says why somebody reads members' data; kept in the event that the read leaves. */
export const purposeHeader = 'x-purpose'

const rule = '1 to 200 characters on one line that all show, percent-encoded (UTF-8) where they are not ASCII'

export const purpose = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: shownNamePattern,
  description: 'Why it is read, such as the number of a ticket',
  rule,
})

/** A purpose as the header carries it. */
export function encodePurpose(text: string): string {
  return text.toWellFormed().replaceAll(/[^ -~]|%/gu, encodeURIComponent)
}

/** Null when it is not encoded so. */
export function decodePurpose(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
