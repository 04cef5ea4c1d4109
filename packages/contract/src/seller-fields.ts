/** The seller API's calls and their fields. */

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
  description: 'The new password; compared in Unicode form NFC',
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
/** No fields: the bearer token identifies the session. */
export const sellerLogout = Type.Object({}, closed)

export const sellerPassword = Type.Object(
  { oldPassword: { ...password, description: 'The current password' } as typeof password, newPassword },
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

/** Both base paths serve the same API; the platform publishes both. */
export const sellerBasePaths = ['/merchant-api', '/api/merchant-api'] as const

/** Columns of a file of sellers. */
export const sellerColumns = ['email', 'passwordHash', 'status'] as const
