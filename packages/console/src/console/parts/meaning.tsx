import { catalogue, type ErrorKey } from '@lobbykey/contract'
import { CodeText } from '../../shared/code-text.tsx'
import { t } from '../texts/texts.ts'

export interface MeaningProps {
  readonly errorKey: string | undefined
  /** Whether the fix is left out, because a button beside it is the fix. */
  readonly isCauseOnly?: boolean
}

/** An error's meaning and fix; nothing for accepted calls and for unknown keys of a later release. */
export function Meaning({ errorKey, isCauseOnly = false }: MeaningProps) {
  if (errorKey === undefined || !Object.hasOwn(catalogue, errorKey)) return null
  const key = errorKey as ErrorKey
  const [cause, cure] = t.meanings[key] ?? [catalogue[key].cause, catalogue[key].cure]
  return (
    <>
      <p>
        <CodeText text={cause} />
      </p>
      {!isCauseOnly && (
        <p>
          <CodeText text={cure} />
        </p>
      )}
    </>
  )
}
