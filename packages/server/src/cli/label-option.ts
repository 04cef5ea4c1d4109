import { type Labels, parseLabel } from '@lobbykey/contract/admin'
import { InvalidArgumentError } from 'commander'

export type { Labels }

/** Of verbs that set labels: the ones given replace those that were. */
export const labelOption = [
  '--label <name=value>',
  'a label, to find it by; may be given again; none takes all away',
  (text: string, previous: Labels = {}): Labels => {
    if (text === 'none') return {}
    const label = parseLabel(text)
    if (label === null) throw new InvalidArgumentError('It must be NAME=VALUE: a name of a-z 0-9 . _ - and a value of A-Z a-z 0-9 . _ -')
    return { ...previous, [label.name]: label.value }
  },
] as const

/** Of verbs that list: those with this label. */
export const labelFilterOption = [
  '--label <name=value>',
  'those with this label alone',
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
