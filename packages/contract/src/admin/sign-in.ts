/**
 * How a person signs in, below `adminBasePath`: what comes before there is anybody whose rights could be asked, and so is no operation of the list.
 * Every call is a POST with a JSON body, the header `consoleHeader` and the console's own Origin.
 */
import Type, { type Static, type TObject } from 'typebox'
import { passwordBytesMax, passwordLengthText } from '../bounds.ts'
import { fields } from './operation.ts'
import { email, operatorName, role } from './operators.ts'

/** What only a script of the console's own origin can send: a form or an image of another site cannot. */
export const consoleHeader = 'x-lobbykey-console'

const password = Type.String({ minLength: 1, maxLength: passwordBytesMax, description: 'The password', rule: 'a string: the password' })
const newPassword = Type.String({
  minLength: 1,
  maxLength: passwordBytesMax,
  description: 'The password from now on; compared in Unicode form NFC',
  rule: `a string of ${passwordLengthText}`,
})
/** Digits as an app shows them, with or without blanks. */
const oneTimeCode = Type.String({
  pattern: '^\\s*(?:\\d\\s*){6}$',
  maxLength: 16,
  description: 'What the authenticator app shows',
  rule: 'the six digits that the app shows',
})
const secondFactor = Type.String({
  pattern: '^[0-9A-Za-z\\s-]{6,32}$',
  description: 'What the authenticator app shows, or a recovery code',
  rule: 'the six digits that the app shows, or a recovery code',
})
const link = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'What stands after # in the link',
  rule: 'the part of the link after #',
})

const response = Type.Record(Type.String(), Type.Unknown(), {
  description: "What the browser's passkey call gave, as PublicKeyCredential.toJSON writes it",
  rule: 'an object: what the passkey answered',
})
const passkeyName = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'How the passkey is called',
  rule: 'a name of 1 to 100 characters',
})

export const signInCalls = {
  password: { path: '/auth/password', input: fields({ email, password, code: secondFactor }) },
  /** Without a code only in the sandbox, where a click confirms. */
  confirm: { path: '/auth/confirm', input: fields({ code: Type.Optional(oneTimeCode) }) },
  changePassword: { path: '/auth/password/change', input: fields({ oldPassword: password, newPassword }) },
  /** What the browser asks a passkey for; null where ADMIN_URL has an address in it. */
  passkeyOptions: { path: '/auth/passkey/options', input: fields({}) },
  passkey: { path: '/auth/passkey', input: fields({ response }) },
  confirmWithPasskey: { path: '/auth/confirm/passkey', input: fields({ response }) },
  newPasskeyOptions: { path: '/auth/passkey/new/options', input: fields({}) },
  addPasskey: { path: '/auth/passkey/new', input: fields({ response, name: passkeyName }) },
  acceptWithPasskey: { path: '/auth/invitation/passkey', input: fields({ link, response, name: Type.Optional(passkeyName) }) },
  /** In the sandbox alone: the link that its banner prints. */
  sandbox: { path: '/auth/sandbox', input: fields({ link }) },
  signOut: { path: '/auth/sign-out', input: fields({}) },
  invitation: { path: '/auth/invitation', input: fields({ link }) },
  acceptWithPassword: { path: '/auth/invitation/password', input: fields({ link, password: newPassword, code: oneTimeCode }) },
} as const satisfies Readonly<Record<string, { readonly path: string; readonly input: TObject }>>

export type SignInCall = keyof typeof signInCalls
export type SignInInput<Call extends SignInCall> = Static<(typeof signInCalls)[Call]['input']>

/** What an invitation says of itself to whoever has it, without being spent. */
export const invitationView = fields({
  email,
  name: operatorName,
  role,
  isReset: Type.Boolean({ description: 'Whether it replaces what an account that is there signs in with' }),
  expiresAt: Type.String(),
  totp: fields({ secret: Type.String({ description: 'Base32' }), uri: Type.String({ description: 'otpauth://, for a QR code' }) }),
})

/** What signing in, confirming and accepting answer. */
export const signedIn = fields({
  operatorId: Type.String(),
  email,
  name: operatorName,
  role,
  sessionId: Type.String(),
  expiresAt: Type.String(),
  confirmedUntil: Type.Union([Type.String(), Type.Null()]),
  recoveryCodes: Type.Optional(Type.Array(Type.String(), { description: 'Shown only now' })),
})
