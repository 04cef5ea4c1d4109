import type { AdminOutput } from '@lobbykey/contract/admin'
import { t } from '../texts/texts.ts'

/** The steps of a call, and what each one compared. */
export function Steps({ steps }: { readonly steps: AdminOutput<'trace.show'>['steps'] }) {
  return (
    <ol className="steps">
      {steps.map(({ name, passed, fact }) => (
        <li key={name} className={passed ? undefined : 'failed'}>
          <span className="mark" role="img" aria-label={passed ? t.passed : t.failed}>
            {passed ? '✓' : '✗'}
          </span>
          <span className="step">{name}</span>
          <span className="fact">{fact}</span>
        </li>
      ))}
    </ol>
  )
}
