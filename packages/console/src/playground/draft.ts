/**
 * A request being typed: texts by field name, and how it is signed. Calls share the text of fields with the same name, so that a member who was
 * logged in can be locked without typing the name again.
 */
import { defaultAlgorithm, defaultCallbackRule, type Operation, operations, type SignedCall, type SigningProfile } from '@lobbykey/contract'
import type { PageSettings } from './page-settings.ts'

export interface Draft {
  readonly operationId: string
  /** Texts by field name; `accessToken` is the token for bearer calls. */
  readonly values: Readonly<Record<string, string>>
  readonly key: string
  readonly profile: SigningProfile
}

/** Passwords, tokens and signatures: never in a link, and in code only on request. */
export function isSecret(name: string): boolean {
  return isPassword(name) || /token$/i.test(name) || name === 'sign'
}

export function isPassword(name: string): boolean {
  return /password$/i.test(name)
}

/** When empty, these are made at the time of sending. */
const madeFields = new Set(['timestamp', 'sign'])

export function isMade(name: string): boolean {
  return madeFields.has(name)
}

/** A newcomer's draft: required fields hold their examples, and the sandbox's sample secrets are filled in. */
export function startDraft(settings: PageSettings): Draft {
  const values: Record<string, string> = {}
  for (const { schema } of operations) {
    for (const name of schema.required ?? []) {
      if (!isMade(name) && !isSecret(name)) values[name] ??= exampleText(schema.properties[name])
    }
  }
  return {
    operationId: operations[0]?.id ?? '',
    values: { ...values, token: randomToken(), ...settings.samples?.seller },
    key: settings.samples?.merchantKey ?? '',
    profile: { algorithm: defaultAlgorithm, callback: defaultCallbackRule },
  }
}

/** Whether the request cannot be signed. A signature that was typed needs no key. */
export function lacksKey({ key, values }: Draft, call: SignedCall | null): boolean {
  return call !== null && key === '' && (values.sign ?? '') === ''
}

export function getOperation(id: string): Operation {
  const operation = operations.find((each) => each.id === id) ?? operations[0]
  if (operation === undefined) throw new Error('there is no operation')
  return operation
}

/** The first example of a field, as typed. */
export function exampleText(schema: unknown): string {
  const [example] = (schema as { examples?: readonly unknown[] }).examples ?? []
  if (example === undefined) return ''
  return typeof example === 'object' ? JSON.stringify(example) : String(example)
}

export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return `token${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
