import { type Labels, parseLabel } from '@lobbykey/contract/admin'
import { InvalidArgumentError } from 'commander'

export type { Labels }

/** For verbs that set labels; given labels replace the old ones. */
export const labelOption = [
  '--label <name=value>',
  'a label for filtering; repeatable; none removes all',
  (text: string, previous: Labels = {}): Labels => {
    if (text === 'none') return {}
    const label = parseLabel(text)
    if (label === null) throw new InvalidArgumentError('It must be NAME=VALUE: a name of a-z 0-9 . _ - and a value of A-Z a-z 0-9 . _ -')
    return { ...previous, [label.name]: label.value }
  },
] as const

/** For verbs that list. */
export const labelFilterOption = [
  '--label <name=value>',
  'only those with this label',
  (text: string): string => {
    if (parseLabel(text) === null) throw new InvalidArgumentError('It must be NAME=VALUE.')
    return text
  },
] as const

export function labelText(labels: Labels): string {
  return (
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ') || 'none'
  )
}
