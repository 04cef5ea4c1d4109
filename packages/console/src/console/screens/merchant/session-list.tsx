import { ActButton } from '../../parts/act-button.tsx'
import { DataList } from '../../parts/data-list.tsx'
import { PageLink, pathOf } from '../../parts/page-link.tsx'
import { platformName } from '../../parts/product-names.ts'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'

const everyMs = 5_000

/** The live sessions of a merchant, or of one of its members. */
export function SessionList({ agentId, userId }: { readonly agentId: string; readonly userId?: string }) {
  return (
    <DataList
      name="member-session.list"
      input={{ agentId, ...(userId === undefined ? {} : { userId }) }}
      label={t.members.sessions}
      everyMs={everyMs}
      keyOf={({ sessionId }) => sessionId}
      empty={t.members.noSessions}
      columns={[
        {
          title: t.members.userId,
          cell: ({ userId, kind }) =>
            kind === 'member' ? (
              <PageLink to={pathOf('merchants', agentId, 'members', userId)}>{userId}</PageLink>
            ) : (
              `${userId} (${t.members.kinds.guest})`
            ),
        },
        { title: t.members.platform, cell: ({ platform }) => platformName(platform) },
        { title: t.members.currency, cell: ({ currency }) => currency },
        { title: t.members.game, cell: ({ gameCode }) => gameCode ?? '–' },
        { title: t.members.since, cell: ({ createdAt }) => <Time at={createdAt} /> },
        { title: t.members.entered, cell: ({ enteredAt }) => <Time at={enteredAt} none={t.members.notEntered} /> },
        {
          title: t.members.endSession,
          needs: ['member-session.end'],
          cell: ({ sessionId }) => (
            <ActButton
              name="member-session.end"
              label={t.members.endSession}
              says={t.members.endSessionSays}
              isDangerous
              input={() => ({ agentId, sessionId })}
            />
          ),
        },
      ]}
    />
  )
}
