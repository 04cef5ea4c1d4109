import { verifyField } from '@lobbykey/contract'
import { operatorName, type Role } from '@lobbykey/contract/admin'
import { normalizeEmail } from '../../base/email-address.ts'
import { findClaim, type ProviderAnswer } from './sso-provider.ts'

export interface SsoRules {
  readonly roleClaim: string
  /** The first that matches counts. */
  readonly roles: readonly { readonly value: string; readonly role: Role }[]
  /** Null: operators are not restricted to merchants. */
  readonly merchantsClaim: string | null
}

export interface SsoAccess {
  readonly role: Role
  /** Null for no restriction. */
  readonly agentIds: readonly string[] | null
}

const agentIdForm = /^[A-Za-z0-9_-]{1,64}$/
const agentIdsMax = 1_000
/** OpenID Connect Core, section 2. */
const subjectForm = /^[ -~]{1,255}$/
const nameLengthMax = 100

/** What the provider lets somebody do here; null for nothing. */
export function accessOf({ claims }: Pick<ProviderAnswer, 'claims'>, { roleClaim, roles, merchantsClaim }: SsoRules): SsoAccess | null {
  const isVerified = roleClaim !== 'email' || claims.email_verified === true
  const values = isVerified ? textsOf(findClaim(claims, roleClaim)) : []
  const role = roles.find(({ value }) => values.includes(value))?.role
  if (role === undefined) return null
  const claim = merchantsClaim === null ? undefined : findClaim(claims, merchantsClaim)
  if (claim === undefined) return role === 'partner' ? null : { role, agentIds: null }
  const agentIds = [...new Set(typeof claim === 'string' ? claim.split(/[\s,]+/).filter((id) => id !== '') : textsOf(claim))].sort()
  // An empty or malformed list restricts to nothing; it must not be read as no restriction.
  const isList = agentIds.length > 0 && agentIds.length <= agentIdsMax && agentIds.every((id) => agentIdForm.test(id))
  return isList ? { role, agentIds } : null
}

/** How a new account is shown; null without a usable e-mail. */
export function profileOf({ claims }: Pick<ProviderAnswer, 'claims'>): { readonly email: string; readonly name: string } | null {
  if (claims.email_verified === false) return null
  const email = [claims.email, claims.preferred_username]
    .map((text) => (typeof text === 'string' ? normalizeEmail(text) : null))
    .find((found) => found !== null)
  if (email === undefined) return null
  return { email, name: isName(claims.name) ? claims.name : email.slice(0, nameLengthMax) }
}

function isName(claim: unknown): claim is string {
  try {
    verifyField('name', operatorName, claim)
    return true
  } catch {
    return false
  }
}

/** Whether the subject is one that OpenID Connect permits, so that it can be stored and shown. */
export function isSubject(subject: string): boolean {
  return subjectForm.test(subject)
}

/** Whether the person signed in at the provider after `since`, ms; clocks may differ by half a minute. */
export function isFreshSignIn({ claims }: Pick<ProviderAnswer, 'claims'>, since: number): boolean {
  const { auth_time: authTime } = claims
  return typeof authTime === 'number' && authTime * 1_000 >= since - 30_000
}

function textsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim]
  return Array.isArray(claim) ? claim.filter((one) => typeof one === 'string') : []
}
