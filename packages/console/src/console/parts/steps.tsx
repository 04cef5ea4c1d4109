import { factWords } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { Fragment } from 'react'
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
            <span className="fact">{facts === undefined ? fact : <Facts facts={facts.filter(isNotSaid)} />}</span>
          </li>
        ))}
    </ol>
  )
}

/** Each by itself, so that none turns the direction of the next. */
function Facts({ facts }: { readonly facts: readonly (readonly unknown[])[] }) {
  const words = { ...t.facts, reason: reasonText }
  return facts
    .flatMap((fact) => factWords(fact, words))
    .map((word, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a call's facts stay as they are
      <Fragment key={at}>
        {at > 0 && '; '}
        <bdi>{word}</bdi>
      </Fragment>
    ))
}

/** The meaning of an error's key stands beside the steps. */
function isNotSaid([name]: readonly unknown[]): boolean {
  return name !== 'error'
}
