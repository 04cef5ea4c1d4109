import { ActButton } from '../../parts/act-button.tsx'
import { Actor } from '../../parts/actor.tsx'
import { DataList } from '../../parts/data-list.tsx'
import { State } from '../../parts/page.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'

/** API tokens of one operator, or all that the caller may see. */
export function TokenList({ operatorId }: { readonly operatorId?: string }) {
  return (
    <DataList
      name="token.list"
      input={operatorId === undefined ? {} : { operatorId }}
      label={t.operators.tokens}
      keyOf={({ tokenId }) => tokenId}
      empty={t.operators.noTokens}
      columns={[
        { title: t.operators.token, cell: ({ name }) => name },
        ...(operatorId === undefined
          ? [
              {
                title: t.operators.owner,
                cell: (token: { operatorId: string }) => <Actor actor={`operator:${token.operatorId}`} />,
              },
            ]
          : []),
        { title: t.operators.rights, cell: ({ rights }) => rights.join(', ') },
        { title: t.operators.merchants, cell: ({ agentIds }) => agentIds?.join(', ') ?? t.operators.all },
        {
          title: t.operators.expires,
          cell: ({ expiresAt, revokedAt }) =>
            revokedAt === null ? <Time at={expiresAt} /> : <State tone="plain">{t.operators.ended}</State>,
        },
        {
          title: t.operators.lastUsed,
          cell: ({ lastUsedAt, lastUsedAddress }) => (
            <>
              <Time at={lastUsedAt} /> {lastUsedAddress}
            </>
          ),
        },
        {
          title: t.account.revoke,
          cell: ({ tokenId, revokedAt }) =>
            revokedAt === null && (
              <ActButton name="token.revoke" label={t.account.revoke} says={t.account.revokeSays} isDangerous input={() => ({ tokenId })} />
            ),
        },
      ]}
    />
  )
}
