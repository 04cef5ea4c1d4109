import { t } from '../texts/texts.ts'

/** The word for a name of the API's; the name itself where a later release has more, also if every object has such a property. */
export function wordOf(words: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(words, name) ? (words[name] ?? name) : name
}

export const roleName = (role: string) => wordOf(t.operators.roleNames, role)
export const surfaceName = (surface: string) => wordOf(t.surfaces, surface)
export const stepName = (step: string) => wordOf(t.steps, step)
export const reasonText = (reason: string) => wordOf(t.reasons, reason)
export const methodName = (method: string) => wordOf(t.account.methods, method)
