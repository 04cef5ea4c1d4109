import assert from 'node:assert/strict'
import type { SellerTokens } from '@lobbykey/contract'
import { Sealer } from '../../src/core/base/sealer.ts'
import { openSellerAdmin } from '../../src/core/sellers/open-seller-admin.ts'
import type { SellerAdmin } from '../../src/core/sellers/seller-admin.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import type { Answer, TestGateway } from './gateway.ts'

export const authPath = '/merchant-api/seller/auth'
export const wrongPassword = 'not the right password'

export interface SellerBody {
  readonly code: string
  readonly msg: string
  readonly time: string
  readonly data: Record<string, unknown> | null
}

/** Asserts that the answer is exactly an envelope. */
export function envelopeOf(answer: Answer): SellerBody {
  const body = answer.json as SellerBody
  assert.deepEqual(Object.keys(body ?? {}), ['code', 'msg', 'time', 'data'], answer.text)
  return body
}

export function codeOf(answer: Answer): string {
  return envelopeOf(answer).code
}

export function tokensOf(answer: Answer): SellerTokens {
  assert.equal(codeOf(answer), '0000', answer.text)
  return envelopeOf(answer).data as unknown as SellerTokens
}

export interface LoginOptions {
  readonly email?: string
  readonly password?: string
  readonly address?: string
}

export function login(gateway: TestGateway, options: LoginOptions = {}): Promise<Answer> {
  const { email = sampleSeller.email, password = sampleSeller.password, address = '127.0.0.1' } = options
  return gateway.post(`${authPath}/login`, { email, password }, { address })
}

export async function loginTokens(gateway: TestGateway, options: LoginOptions = {}): Promise<SellerTokens> {
  return tokensOf(await login(gateway, options))
}

export function refresh(gateway: TestGateway, refreshToken: string): Promise<Answer> {
  return gateway.post(`${authPath}/refresh`, { refreshToken })
}

export function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } }
}

export function me(gateway: TestGateway, token: string): Promise<Answer> {
  return gateway.request('GET', `${authPath}/me`, bearer(token))
}

export function logout(gateway: TestGateway, token: string): Promise<Answer> {
  return gateway.request('POST', `${authPath}/logout`, bearer(token))
}

/** Administers sellers on the gateway's store, like the command line. */
export function sellerAdmin(gateway: TestGateway): Promise<SellerAdmin> {
  const { store, clock, settings } = gateway
  return openSellerAdmin({ store, clock, settings, sealer: new Sealer(settings.masterKey), origin: { surface: 'cli' } })
}

export function decodeToken(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.').map((segment) => Buffer.from(segment, 'base64url').toString())
  return { header: JSON.parse(header), claims: JSON.parse(claims) }
}
