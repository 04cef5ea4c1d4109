import { acceptedCodes } from '@lobbykey/contract'
import { State } from './page.tsx'
import { PageLink } from './page-link.tsx'

export function isAccepted(code: string): boolean {
  return acceptedCodes.includes(code)
}

/** A code that links to the calls answered with it. */
export function CodeState({ code, search = {} }: { readonly code: string; readonly search?: Readonly<Record<string, string>> }) {
  return (
    <PageLink to="/calls" search={{ ...search, code }}>
      <State tone={isAccepted(code) ? 'good' : 'bad'}>{code}</State>
    </PageLink>
  )
}
