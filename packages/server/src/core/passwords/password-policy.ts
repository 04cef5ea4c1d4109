import { parameterError, passwordBytesMax, passwordLengthMax, passwordLengthMin } from '@lobbykey/contract'

/**
 * A password in the one form in which it is set and tried: NFC (RFC 8265, OpaqueString), otherwise unchanged and whole. Null when
 * no account can have it: empty, too long, ill-formed, or with a NUL. Never hash what this refuses.
 */
export function preparePassword(text: string): string | null {
  if (text === '' || !text.isWellFormed() || text.includes('\0')) return null
  const prepared = text.normalize('NFC')
  return Buffer.byteLength(prepared) <= passwordBytesMax ? prepared : null
}

/** Why a password may not be set, as the end of "the password must …"; null when it may. Length only: no composition rules (NIST SP 800-63B). */
export function findPasswordProblem(text: string): string | null {
  if (!text.isWellFormed() || text.includes('\0')) return 'be well-formed text without NUL'
  const length = [...text.normalize('NFC')].length
  if (length < passwordLengthMin) return `have at least ${passwordLengthMin} characters`
  if (length > passwordLengthMax) return `have at most ${passwordLengthMax} characters`
  return null
}

/**
 * A new password in the form in which it is kept. Not asked when one is tried: what was allowed once goes on working.
 *
 * @param email of whose password it is to be, normal form
 * @throws GatewayError invalid_parameter, with the rule that it breaks
 */
export async function verifyNewPassword(field: string, text: string, email: string): Promise<string> {
  // The list is read when a password is first set: 20 MiB that most processes never need.
  const { contextWordsOf, findGuessableProblem } = await import('./common-passwords.ts')
  const problem = findPasswordProblem(text) ?? findGuessableProblem(text, contextWordsOf(email))
  if (problem !== null) throw parameterError(field, `must ${problem}`)
  return text.normalize('NFC')
}
