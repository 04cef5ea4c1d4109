import { domainToASCII, domainToUnicode } from 'node:url'

/** Longest normal form, characters (RFC 5321 section 4.5.3.1.3, less the angle brackets). */
export const emailLengthMax = 254

const localPartLengthMax = 64
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const domainLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Letters, digits, hyphens, dots and non-ASCII characters, which `domainToASCII` can only read as a name. */
const domainCharacters = /^[A-Za-z0-9.\u0080-\u{10ffff}-]+$/u

/**
 * The normal form of an e-mail address: trimmed, lower case, ASCII local part (RFC 5321 dot-string), IDNA domain of at least two
 * labels. Null if the text is not such an address.
 *
 * Characters that a mapping would turn into others (full-width letters, the Kelvin sign, dotted capital I) are refused, so that no two
 * visibly different spellings reach one account (check 47).
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

/**
 * How an e-mail that starts like this starts in its normal form. A label of the domain that is not written out begins its normal form only as far as it is
 * ASCII, since IDNA encodes whole labels: `user@b` and `user@bücher` find `user@bücher.example`, `user@bü` does not.
 */
export function normalizeEmailStart(text: string): string {
  const lower = text.trim().toLowerCase()
  const at = lower.lastIndexOf('@')
  const labels = lower.slice(at + 1).split('.')
  if (at === -1 || lower.normalize('NFKC') !== lower) return lower
  return `${lower.slice(0, at)}@${labels.map((label) => (/^[\x00-\x7f]*$/.test(label) ? label : domainToASCII(label) || label)).join('.')}`
}

function normalizeDomain(domain: string): string | null {
  if (!domainCharacters.test(domain) || domain.normalize('NFKC') !== domain || domain.includes('\u0130')) return null
  const lower = domain.toLowerCase()
  const ascii = domainToASCII(lower)
  // IDNA maps and drops characters too; a name that does not survive the round trip was mapped.
  if (lower !== ascii && domainToUnicode(ascii) !== lower) return null
  const labels = ascii.split('.')
  const isName = labels.length >= 2 && labels.every((label) => domainLabel.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? '')
  return isName ? ascii : null
}
