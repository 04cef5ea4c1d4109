import { factText } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { t } from '../texts/texts.ts'
import { reasonText, stepName } from './words.ts'

type Trace = AdminOutput<'trace.show'>

export interface StepsProps {
  readonly trace: Pick<Trace, 'steps'>
  /** Only the one that decided. */
  readonly isDecidingOnly?: boolean
}

/** The steps of a call, and what each one compared. */
export function Steps({ trace: { steps }, isDecidingOnly = false }: StepsProps) {
  return (
    <ol className="steps">
      {steps
        .filter(({ passed }) => !(passed && isDecidingOnly))
        .map(({ name, passed, fact, facts }) => (
          <li key={name} className={passed ? undefined : 'failed'}>
            <span className="mark" role="img" aria-label={passed ? t.passed : t.failed}>
              {passed ? '✓' : '✗'}
            </span>
            <span className="step">{stepName(name)}</span>
            <span className="fact">
              {facts === undefined ? fact : factText(facts.filter(isNotSaid), { ...t.facts, reason: reasonText })}
            </span>
          </li>
        ))}
    </ol>
  )
}

/** The meaning of an error's key stands beside the steps. */
function isNotSaid([name]: readonly unknown[]): boolean {
  return name !== 'error'
}
