import { ActButton } from '../../parts/act-button.tsx'
import { DataList } from '../../parts/data-list.tsx'
import { State } from '../../parts/page.tsx'
import { Time } from '../../parts/time.tsx'
import { methodName } from '../../parts/words.ts'
import { t } from '../../texts/texts.ts'

/** Console sessions of an operator, or of the caller. */
export function ConsoleSessionList({ operatorId }: { readonly operatorId?: string }) {
  return (
    <DataList
      name="console-session.list"
      input={operatorId === undefined ? {} : { operatorId }}
      label={t.operators.sessions}
      keyOf={({ sessionId }) => sessionId}
      empty={t.account.noSessions}
      columns={[
        { title: t.account.lastSeen, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
        { title: t.account.method, cell: ({ method }) => methodName(method) },
        { title: t.sellers.address, cell: ({ address }) => address ?? '–' },
        { title: t.account.userAgent, cell: ({ userAgent }) => <span className="small">{userAgent ?? '–'}</span> },
        { title: t.sellers.until, cell: ({ endedAt, expiresAt }) => <Time at={endedAt ?? expiresAt} /> },
        {
          title: t.account.end,
          cell: ({ sessionId, isCurrent, endedAt, expiresAt }) => {
            if (isCurrent) return <State tone="good">{t.account.current}</State>
            if (endedAt !== null || Date.parse(expiresAt) < Date.now()) return null
            return (
              <ActButton
                name="console-session.end"
                label={t.account.end}
                says={t.account.endSays}
                isDangerous
                input={() => ({ sessionId })}
              />
            )
          },
        },
      ]}
    />
  )
}
