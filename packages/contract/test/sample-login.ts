/** The published sample request, and the two ways to accept a member login under each callback rule. */
import {
  canonicalString,
  compileFields,
  dropEmpty,
  GatewayError,
  isUnambiguousCallback,
  type MemberLoginFields,
  memberLogin,
  type SigningProfile,
  signedNames,
} from '@lobbykey/contract'

export const sampleLogin = {
  agent_id: 'agent001',
  user_id: 'uid001',
  token: 'tokena8c2aaef3880162a',
  platform: 'h5',
  language: 'en-US',
  currency: 'VND2',
  timestamp: 1734417873301,
  game_code: '101-DYfsRc',
  callback: 'https://h5-uat.aig1234.com/home',
  limits: { USD_101: '110101,110102,110103' },
  sign: '0'.repeat(32),
} as const

const check = compileFields<MemberLoginFields>(memberLogin.schema)

/** The request as the field rules accept it, or null. Anything but a GatewayError invalid_parameter is a fault of ours. */
export function acceptLogin(request: Record<string, unknown>, callback: SigningProfile['callback']): MemberLoginFields | null {
  try {
    const fields = check(dropEmpty({ ...request }, memberLogin.schema.properties))
    const names = signedNames(memberLogin, callback)
    const isSafe = callback === 'unsigned' || fields.callback === undefined || isUnambiguousCallback(fields.callback, names)
    return isSafe ? fields : null
  } catch (error) {
    if (error instanceof GatewayError && error.key === 'invalid_parameter') return null
    throw error
  }
}

export function canonicalOf(fields: MemberLoginFields, callback: SigningProfile['callback']): string {
  return canonicalString(fields, signedNames(memberLogin, callback))
}
