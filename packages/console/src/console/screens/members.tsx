import { useAccount, useMay } from '../api/account.ts'
import { ActButton } from '../parts/act-button.tsx'
import { DataList } from '../parts/data-list.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Page, Section } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { platformName } from '../parts/product-names.ts'
import { PurposeGate } from '../parts/purpose-gate.tsx'
import { counted } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'
import { MerchantMembers } from './merchant/merchant-members.tsx'

/** Members by merchant: who is online, and each merchant's members. */
export function MembersScreen() {
  const [{ agentId: chosen }] = useSearchFields()
  const { agentIds } = useAccount()
  const only = agentIds?.length === 1 ? agentIds[0] : undefined
  const agentId = chosen || only
  const isMay = useMay()
  return (
    <Page
      title={t.pages.members}
      says={t.members.says}
      actions={
        <ActButton
          name="member.kick-everybody"
          label={t.members.kickEverybody}
          says={t.members.kickEverybodySays}
          isDangerous
          input={() => ({ waitSeconds: 5 })}
          done={({ ended, entered, acknowledged }) => t.merchant.ended(ended, entered, acknowledged)}
        />
      }
    >
      {only === undefined && (
        <section className="panel" aria-label={t.members.merchant}>
          <FilterRow fields={[{ name: 'agentId', label: t.members.merchant }]} />
          {!agentId && <p className="empty">{t.members.choose}</p>}
        </section>
      )}
      {agentId ? (
        <PurposeGate>
          <MerchantMembers agentId={agentId} />
        </PurposeGate>
      ) : (
        isMay('member-session.summaries') && (
          <Section title={t.merchant.online}>
            <DataList
              name="member-session.summaries"
              input={{}}
              label={t.merchant.online}
              everyMs={10_000}
              keyOf={(row) => row.agentId}
              empty={t.members.noSessions}
              columns={[
                {
                  title: t.members.merchant,
                  cell: (row) => (
                    <PageLink to={pathOf('merchants', row.agentId)} search={{ tab: 'members' }}>
                      {row.agentId}
                    </PageLink>
                  ),
                },
                { title: t.members.sessions, isNumber: true, cell: ({ sessions, isComplete }) => counted(sessions, isComplete) },
                { title: t.members.users, isNumber: true, cell: ({ users }) => users },
                { title: t.members.platform, cell: ({ byPlatform }) => <Counts counts={byPlatform} nameOf={platformName} /> },
                { title: t.members.currency, cell: ({ byCurrency }) => <Counts counts={byCurrency} /> },
              ]}
            />
          </Section>
        )
      )}
    </Page>
  )
}

interface CountsProps {
  readonly counts: Readonly<Record<string, number>>
  readonly nameOf?: (key: string) => string
}

function Counts({ counts, nameOf = (key) => key }: CountsProps) {
  return Object.entries(counts)
    .map(([name, count]) => `${nameOf(name)} ${count}`)
    .join(', ')
}
