import { catalogue, type ErrorKey } from '@lobbykey/contract'
import { CodeText } from '../../shared/code-text.tsx'

/** An error's meaning and fix; nothing for accepted calls and for unknown keys of a later release. */
export function Meaning({ errorKey }: { readonly errorKey: string | undefined }) {
  if (errorKey === undefined || !Object.hasOwn(catalogue, errorKey)) return null
  const { cause, cure } = catalogue[errorKey as ErrorKey]
  return (
    <>
      <p>
        <CodeText text={cause} />
      </p>
      <p>
        <CodeText text={cure} />
      </p>
    </>
  )
}
