import { catalogue, type ErrorKey } from '@lobbykey/contract'
import { CodeText } from '../../shared/code-text.tsx'

/** What an error means and what cures it; nothing where the call was not refused, or by a later release's key. */
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
