import { type MemberStatus as Status, unlockedStatus } from '@lobbykey/contract'
import { DataList } from '../../parts/data-list.tsx'
import { FilterRow } from '../../parts/filter-row.tsx'
import { ImportLines } from '../../parts/import-lines.tsx'
import { Section, State } from '../../parts/page.tsx'
import { PageLink, pathOf } from '../../parts/page-link.tsx'
import { Time } from '../../parts/time.tsx'
import { useSearchFields } from '../../parts/use-search-fields.ts'
import { wordOf } from '../../parts/words.ts'
import { t } from '../../texts/texts.ts'
import { AddMember } from './add-member.tsx'
import { SessionList } from './session-list.tsx'

/** A merchant's members, and who is online. */
export function MerchantMembers({ agentId }: { readonly agentId: string }) {
  const [{ q, name, status }] = useSearchFields()
  const input = { agentId, ...(q ? { q } : {}), ...(name ? { name } : {}), ...(status ? { status: status as Status } : {}) }
  return (
    <>
      <Section
        title={t.pages.members}
        actions={
          <>
            <ImportLines
              name="member.import"
              target={{ agentId }}
              label={t.members.import}
              says={t.members.importSays}
              linesSays={t.members.linesSays}
            />
            <AddMember agentId={agentId} label={t.members.add} />
          </>
        }
      >
        <FilterRow
          fields={[
            { name: 'q', label: t.members.q },
            { name: 'name', label: t.members.name },
            {
              name: 'status',
              label: t.members.status,
              kind: 'choice',
              choices: [{ value: '', label: t.any }, ...Object.entries(t.members.statuses).map(([value, label]) => ({ value, label }))],
            },
          ]}
        />
        <DataList
          name="member.list"
          input={input}
          label={t.pages.members}
          keyOf={({ userId }) => userId}
          empty={t.members.empty}
          columns={[
            {
              title: t.members.userId,
              cell: ({ userId }) => <PageLink to={pathOf('merchants', agentId, 'members', userId)}>{userId}</PageLink>,
            },
            { title: t.members.userName, cell: ({ userName }) => userName },
            { title: t.members.status, cell: ({ status }) => <MemberStatus status={status} /> },
            { title: t.members.desc, cell: ({ desc }) => desc },
            { title: t.members.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
          ]}
        />
      </Section>
      <Section title={t.members.sessions}>
        <SessionList agentId={agentId} />
      </Section>
    </>
  )
}

export function MemberStatus({ status }: { readonly status: string }) {
  // A later release may have more.
  const words: Readonly<Record<string, string>> = t.members.statuses
  return <State tone={status === unlockedStatus ? 'good' : 'warn'}>{wordOf(words, status)}</State>
}
