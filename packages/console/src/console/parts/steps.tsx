import type { AdminOutput } from '@lobbykey/contract/admin'
import { t } from '../texts/texts.ts'
import { reasonText, stepName } from './words.ts'

type Trace = AdminOutput<'trace.show'>

export interface StepsProps {
  readonly trace: Pick<Trace, 'steps' | 'key'>
  /** Only the one that decided. */
  readonly isDecidingOnly?: boolean
}

/** The steps of a call, and what each one compared. */
export function Steps({ trace: { steps, key }, isDecidingOnly = false }: StepsProps) {
  return (
    <ol className="steps">
      {steps
        .filter(({ passed }) => !(passed && isDecidingOnly))
        .map(({ name, passed, fact = '' }) => (
          <li key={name} className={passed ? undefined : 'failed'}>
            <span className="mark" role="img" aria-label={passed ? t.passed : t.failed}>
              {passed ? '✓' : '✗'}
            </span>
            <span className="step">{stepName(name)}</span>
            <span className="fact">{passed || key === undefined ? fact : refusalText(fact, key)}</span>
          </li>
        ))}
    </ol>
  )
}

/** Without the error's key, whose meaning stands beside the steps, and with the reason after it in words. */
function refusalText(fact: string, key: string): string {
  const parts = fact.split('; ')
  const at = parts.lastIndexOf(key)
  return at === -1 ? fact : [...parts.slice(0, at), ...parts.slice(at + 1).map(reasonText)].join('; ')
}
