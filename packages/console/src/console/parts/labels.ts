import { parseLabel } from '@lobbykey/contract/admin'
import { t } from '../texts/texts.ts'
import type { Field } from './fields.tsx'

/** Filters a list by a label. */
export function labelFilter(): Field {
  return { name: 'label', label: t.labels.filter, faultOf: (text) => (isLabel(text) ? null : t.labels.malformed) }
}

export function isLabel(text: string): boolean {
  return parseLabel(text) !== null
}

/** Labels as text: name=value. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}

export function labelsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=')
      return at === -1 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    }),
  )
}
