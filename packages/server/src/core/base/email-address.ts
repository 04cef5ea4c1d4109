import { domainToASCII, domainToUnicode } from 'node:url'

/** Longest normal form, characters (RFC 5321 section 4.5.3.1.3, less the angle brackets). */
export const emailLengthMax = 254

const localPartLengthMax = 64
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const domainLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Any mix of letters, digits, hyphens, dots and characters beyond ASCII: what `domainToASCII` cannot read as anything but a name. */
const domainCharacters = /^[A-Za-z0-9.\u0080-\u{10ffff}-]+$/u

/**
 * The one form under which an e-mail address is an account: trimmed, lower case, ASCII local part (RFC 5321 dot-string), IDNA
 * domain of at least two labels. Null when the text is no such address.
 *
 * A character that some mapping turns into another (full-width letters, the Kelvin sign, dotted capital I) is refused, never
 * mapped: no two spellings that people see as different may reach one account (check 47).
 */
export function normalizeEmail(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed.length > emailLengthMax) return null
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, Math.max(at, 0))
  if (local.length > localPartLengthMax || !localPart.test(local)) return null
  const domain = normalizeDomain(trimmed.slice(at + 1))
  if (domain === null) return null
  const email = `${local.toLowerCase()}@${domain}`
  return email.length <= emailLengthMax ? email : null
}

function normalizeDomain(domain: string): string | null {
  if (!domainCharacters.test(domain) || domain.normalize('NFKC') !== domain || domain.includes('\u0130')) return null
  const lower = domain.toLowerCase()
  const ascii = domainToASCII(lower)
  // IDNA maps and drops characters too; what does not come back as it went in was mapped.
  if (lower !== ascii && domainToUnicode(ascii) !== lower) return null
  const labels = ascii.split('.')
  const isName = labels.length >= 2 && labels.every((label) => domainLabel.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? '')
  return isName ? ascii : null
}
