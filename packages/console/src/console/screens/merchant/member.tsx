import { lockedStatus, memberStatusNames, type MemberStatus as Status, unlockedStatus } from '@lobbykey/contract'
import { useParams } from '@tanstack/react-router'
import { useRead } from '../../api/use-read.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { Facts, Page, Section } from '../../parts/page.tsx'
import { PageLink, pathOf } from '../../parts/page-link.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { PurposeGate } from '../../parts/purpose-gate.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'
import { MemberStatus } from './merchant-members.tsx'
import { SessionList } from './session-list.tsx'

/** How long a kick waits for lobbies, seconds. */
const kickWaitSeconds = 10

export function MemberScreen() {
  return (
    <PurposeGate>
      <KnownMember />
    </PurposeGate>
  )
}

function KnownMember() {
  const { agentId = '', userId = '' } = useParams({ strict: false }) as { agentId?: string; userId?: string }
  const { data: member, error } = useRead('member.show', { agentId, userId })
  if (error !== null && member?.userId !== userId) return <ProblemText problem={error} />
  if (member === undefined || member.userId !== userId) return <Skeleton />
  const whom = { agentId, userId }
  return (
    <Page
      title={userId}
      says={
        <>
          <PageLink to={pathOf('merchants', agentId)} search={{ tab: 'members' }}>
            {agentId}
          </PageLink>{' '}
          <MemberStatus status={member.status} />
        </>
      }
      actions={
        <>
          <ActButton
            name="member.kick"
            label={t.members.kick}
            says={t.members.kickSays}
            isDangerous
            input={() => ({ ...whom, waitSeconds: kickWaitSeconds })}
            done={({ ended, entered, acknowledged }) => t.merchant.ended(ended, entered, acknowledged)}
          />
          <ActButton name="member.logout" label={t.members.logout} says={t.members.logoutSays} isDangerous input={() => whom} />
          <ActButton
            name="member.lock"
            label={t.members.lock}
            says={t.members.lockSays}
            isDangerous
            fields={[
              {
                name: 'status',
                label: t.members.status,
                kind: 'choice',
                initial: lockedStatus,
                choices: memberStatusNames
                  .filter((name) => name !== unlockedStatus)
                  .map((value) => ({ value, label: t.members.statuses[value] ?? value })),
              },
            ]}
            input={({ status }) => ({ ...whom, status: status as Status })}
          />
          {member.status !== unlockedStatus && (
            <ActButton name="member.unlock" label={t.members.unlock} says={t.members.unlockSays} input={() => whom} />
          )}
          <ActButton
            name="member.update"
            label={t.members.edit}
            current={member}
            fields={[
              { name: 'userName', label: t.members.userName, initial: member.userName },
              { name: 'desc', label: t.members.desc, initial: member.desc },
            ]}
            input={({ userName = '', desc = '' }) => ({ ...whom, ...(userName === member.userName ? {} : { userName }), desc })}
          />
          <ActButton name="member.erase" label={t.members.erase} says={t.members.eraseSays} isDangerous input={() => whom} />
        </>
      }
    >
      <Section title={t.members.facts}>
        <Facts
          facts={[
            [t.members.userName, member.userName || t.none],
            [t.members.desc, member.desc || t.none],
            [t.members.created, <Time key="created" at={member.createdAt} />],
            [t.members.changed, <Time key="changed" at={member.updatedAt} />],
            [
              t.members.logins,
              <PageLink key="calls" to="/calls" search={{ agentId, subject: userId }}>
                {t.pages.calls}
              </PageLink>,
            ],
          ]}
        />
      </Section>
      <Section title={t.members.sessions}>
        <SessionList agentId={agentId} userId={userId} />
      </Section>
    </Page>
  )
}
