/** The seller API's calls and their fields. Source: seller-login.txt; refresh and logout are implied by it and decided. */

import Type, { type Static } from 'typebox'
import { passwordBytesMax, passwordLengthText } from './bounds.ts'

const closed = { additionalProperties: false } as const

const email = Type.String({
  minLength: 1,
  description: "The seller's login e-mail",
  rule: 'a string: one e-mail address',
  examples: ['seller@example.com'],
})

const password = Type.String({
  minLength: 1,
  description: "The seller's login password",
  rule: `a string of 1 to ${passwordBytesMax} bytes`,
})

const refreshToken = Type.String({
  minLength: 1,
  maxLength: 4096,
  description: 'The refreshToken of the last login or refresh',
  rule: 'a string: the refresh token',
})

const newPassword = Type.String({
  minLength: 1,
  maxLength: passwordBytesMax,
  description: 'The password from now on; compared in Unicode form NFC',
  rule: `a string of ${passwordLengthText}`,
})

const resetToken = Type.String({
  minLength: 1,
  maxLength: 128,
  description: "The one-time token of the operator's link",
  rule: 'a string: the reset token',
})

export const sellerLogin = Type.Object({ email, password }, closed)
export const sellerRefresh = Type.Object({ refreshToken }, closed)
/** Logout takes no field: the bearer token says which login ends. */
export const sellerLogout = Type.Object({}, closed)

export const sellerPassword = Type.Object(
  { oldPassword: { ...password, description: 'The password until now' } as typeof password, newPassword },
  closed,
)
export const sellerPasswordReset = Type.Object({ resetToken, newPassword }, closed)

export type SellerLoginFields = Static<typeof sellerLogin>
export type SellerRefreshFields = Static<typeof sellerRefresh>
export type SellerPasswordFields = Static<typeof sellerPassword>
export type SellerPasswordResetFields = Static<typeof sellerPasswordReset>

/** `data` of login and refresh. `expiresIn` is in seconds. */
export interface SellerTokens {
  accessToken: string
  tokenType: 'Bearer'
  expiresIn: number
  refreshToken: string
}

/** `data` of `me`. `expiresAt` is the access token's expiry, ISO 8601. */
export interface SellerIdentity {
  sellerId: string
  email: string
  expiresAt: string
}

/** The seller API answers alike under both base paths; the platform publishes both. */
export const sellerBasePaths = ['/merchant-api', '/api/merchant-api'] as const
