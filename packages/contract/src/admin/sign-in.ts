/**
 * Sign-in calls, below `adminBasePath`. They are no operations because their callers have no rights yet. Each is a POST with a JSON body, the header
 * `consoleHeader` and the console's own Origin.
 */
import Type, { type Static, type TObject } from 'typebox'
import { passwordBytesMax, passwordLengthText } from '../bounds.ts'
import { fields, shownName } from './operation.ts'
import { email } from './operators.ts'

/** Only scripts of the console's origin can send it; forms and images of other sites cannot. */
export const consoleHeader = 'x-lobbykey-console'

const password = Type.String({ minLength: 1, maxLength: passwordBytesMax, description: 'The password', rule: 'a string: the password' })
const newPassword = Type.String({
  minLength: 1,
  maxLength: passwordBytesMax,
  description: 'The new password; compared in Unicode form NFC',
  rule: `a string of ${passwordLengthText}`,
})
/** Six digits, with or without spaces. */
const oneTimeCode = Type.String({
  pattern: '^\\s*(?:\\d\\s*){6}$',
  maxLength: 16,
  description: 'The code of the authenticator app',
  rule: 'the six digits that the app shows',
})
const secondFactor = Type.String({
  pattern: '^[0-9A-Za-z\\s-]{6,32}$',
  description: 'The code of the authenticator app, or a recovery code',
  rule: 'the six digits that the app shows, or a recovery code',
})
const link = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'The part of the link after #',
  rule: 'the part of the link after #',
})

const response = Type.Record(Type.String(), Type.Unknown(), {
  description: "The browser's passkey response, as from PublicKeyCredential.toJSON",
  rule: 'an object: the passkey response',
})
const passkeyName = shownName("The passkey's name; its kind and the date by default")

/** The page of the console to which the provider of single sign-on sends browsers back. */
export const ssoReturnPath = '/sign-in/sso'

/** `check`: whether the provider still vouches for the session's operator, without asking the person. */
export const ssoPurposes = ['sign-in', 'check', 'confirm', 'link'] as const
export type SsoPurpose = (typeof ssoPurposes)[number]
const ssoPurpose = Type.Enum(ssoPurposes as unknown as SsoPurpose[], { rule: `one of ${ssoPurposes.join(', ')}` })
/** A page of the console, and of nobody else. */
const consolePath = Type.String({
  pattern: '^/console(?:[/?#][!-~]*)?$',
  maxLength: 1024,
  description: 'The page of the console to continue to',
  rule: 'the path of a page of the console',
})
const providerAnswer = Type.String({
  minLength: 1,
  maxLength: 8192,
  description: "The query with which the provider sent the browser back, beginning with '?'",
  rule: "the query of the provider's answer",
})

export const signInCalls = {
  password: { path: '/auth/password', input: fields({ email, password, code: secondFactor }) },
  /** The code is optional in the sandbox only, where a click confirms. */
  confirm: { path: '/auth/confirm', input: fields({ code: Type.Optional(oneTimeCode) }) },
  changePassword: { path: '/auth/password/change', input: fields({ oldPassword: password, newPassword }) },
  /** The options for the browser's passkey call; null where ADMIN_URL contains an IP address. */
  passkeyOptions: { path: '/auth/passkey/options', input: fields({}) },
  passkey: { path: '/auth/passkey', input: fields({ response }) },
  confirmWithPasskey: { path: '/auth/confirm/passkey', input: fields({ response }) },
  newPasskeyOptions: { path: '/auth/passkey/new/options', input: fields({}) },
  addPasskey: { path: '/auth/passkey/new', input: fields({ response, name: Type.Optional(passkeyName) }) },
  acceptWithPasskey: { path: '/auth/invitation/passkey', input: fields({ link, response, name: Type.Optional(passkeyName) }) },
  /** In the sandbox only: the link from its banner. */
  sandbox: { path: '/auth/sandbox', input: fields({ link }) },
  /** Returns the URL at the provider to send the browser to. */
  ssoStart: { path: '/auth/sso', input: fields({ purpose: ssoPurpose, to: Type.Optional(consolePath) }) },
  ssoFinish: { path: '/auth/sso/finish', input: fields({ query: providerAnswer }) },
  signOut: { path: '/auth/sign-out', input: fields({}) },
  invitation: { path: '/auth/invitation', input: fields({ link }) },
  acceptWithPassword: { path: '/auth/invitation/password', input: fields({ link, password: newPassword, code: oneTimeCode }) },
} as const satisfies Readonly<Record<string, { readonly path: string; readonly input: TObject }>>

export type SignInCall = keyof typeof signInCalls
export type SignInInput<Call extends SignInCall> = Static<(typeof signInCalls)[Call]['input']>
