import { canonicalString, defaultAlgorithm, memberLogin, signedNames } from '@lobbykey/contract'
import { randomText } from '../core/base/random.ts'
import { signHex } from '../core/members/signature.ts'
import { sampleMember, sampleMerchant, sampleSeller } from './sample-partners.ts'

export interface SampleCommand {
  readonly title: string
  readonly command: string
}

/** One complete login request of each API, as curl: the member's is signed for `now`, with a fresh token. */
export function sampleCommands(origin: string, now: number): SampleCommand[] {
  return [
    { title: 'Member login', command: curl(`${origin}/api/member/login`, sampleMemberLogin(origin, now)) },
    { title: 'Seller login', command: curl(`${origin}/merchant-api/seller/auth/login`, sampleSeller) },
  ]
}

/** The contract's own sample request, with a fresh token and timestamp, a valid signature, and a callback that leads back here. */
function sampleMemberLogin(origin: string, now: number): Record<string, unknown> {
  const fields = {
    agent_id: sampleMerchant.agentId,
    user_id: sampleMember.userId,
    token: `token${randomText(12)}`,
    platform: 'h5',
    language: 'en-US',
    currency: 'VND2',
    timestamp: now,
    limits: { USD_101: '110101,110102,110103', VND_101: '110101,110102,110103', USD_102: '110201,110203,110204' },
    game_code: '101-DYfsRc',
    callback: `${origin}/merchant-home`,
  }
  const canonical = canonicalString(fields, signedNames(memberLogin, 'unsigned'))
  return { ...fields, sign: signHex(canonical, sampleMerchant.key, defaultAlgorithm) }
}

function curl(url: string, body: object): string {
  return `curl -s ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`
}
