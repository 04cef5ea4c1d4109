import { useAccount, useMay } from '../api/account.ts'
import { useRead } from '../api/use-read.ts'
import { t } from '../texts/texts.ts'
import { PageLink, pathOf } from './page-link.tsx'

/** By name, where the reader may see operators; programs as the events name them. */
export function Actor({ actor }: { readonly actor: string }) {
  const account = useAccount()
  const operatorId = /^operator:(.+)$/.exec(actor)?.[1] ?? ''
  const isShown = useMay()('operator.show') && operatorId !== ''
  const { data } = useRead('operator.show', { operatorId }, { isEnabled: isShown })
  if (operatorId === account.operatorId) return t.proposals.you
  if (isShown) return <PageLink to={pathOf('operators', operatorId)}>{data?.name ?? actor}</PageLink>
  return operatorId === '' ? actor : t.proposals.operator
}
