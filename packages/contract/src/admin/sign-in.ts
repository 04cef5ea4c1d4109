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
  signOut: { path: '/auth/sign-out', input: fields({}) },
  invitation: { path: '/auth/invitation', input: fields({ link }) },
  acceptWithPassword: { path: '/auth/invitation/password', input: fields({ link, password: newPassword, code: oneTimeCode }) },
} as const satisfies Readonly<Record<string, { readonly path: string; readonly input: TObject }>>

export type SignInCall = keyof typeof signInCalls
export type SignInInput<Call extends SignInCall> = Static<(typeof signInCalls)[Call]['input']>
