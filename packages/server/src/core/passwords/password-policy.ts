import { parameterError, passwordBytesMax, passwordLengthMax, passwordLengthMin } from '@lobbykey/contract'

/**
 * The normal form in which passwords are set and checked: NFC (RFC 8265, OpaqueString), otherwise unchanged. Null if no account can have
 * it: empty, too long, ill-formed, or with a NUL. Never hash what this refuses.
 */
export function preparePassword(text: string): string | null {
  if (text === '' || !text.isWellFormed() || text.includes('\0')) return null
  const prepared = text.normalize('NFC')
  return Buffer.byteLength(prepared) <= passwordBytesMax ? prepared : null
}

/** Why a password may not be set, completing "the password must …"; null if it may. Length only, no composition rules (NIST SP 800-63B). */
export function findPasswordProblem(text: string): string | null {
  if (!text.isWellFormed() || text.includes('\0')) return 'be well-formed text without NUL'
  const length = [...text.normalize('NFC')].length
  if (length < passwordLengthMin) return `have at least ${passwordLengthMin} characters`
  if (length > passwordLengthMax) return `have at most ${passwordLengthMax} characters`
  return null
}

/**
 * Validates and prepares a new password. Not applied when one is checked: existing passwords keep working.
 *
 * @param email the owner's, in normal form
 * @throws GatewayError invalid_parameter, with the broken rule
 */
export async function verifyNewPassword(field: string, text: string, email: string): Promise<string> {
  // Loaded on first use: 20 MiB that most processes never need.
  const { contextWordsOf, findGuessableProblem } = await import('./common-passwords.ts')
  const problem = findPasswordProblem(text) ?? findGuessableProblem(text, contextWordsOf(email))
  if (problem !== null) throw parameterError(field, `must ${problem}`)
  return text.normalize('NFC')
}
