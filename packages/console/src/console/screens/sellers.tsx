import { useMay } from '../api/account.ts'
import { ActButton } from '../parts/act-button.tsx'
import { DataList } from '../parts/data-list.tsx'
import { linesOf } from '../parts/fields.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { ImportLines } from '../parts/import-lines.tsx'
import { isLabel, labelFilter, labelsOf, labelText } from '../parts/labels.ts'
import { Page, Section, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'
import { Throttles } from './seller/throttles.tsx'

export function SellersScreen() {
  const [{ q, status, label }] = useSearchFields()
  const isMay = useMay()
  return (
    <Page
      title={t.pages.sellers}
      says={t.sellers.says}
      actions={
        <>
          <ImportLines name="seller.import" label={t.sellers.import} says={t.sellers.importSays} linesSays={t.sellers.linesSays} />
          <ActButton
            name="seller.add"
            label={t.sellers.add}
            button={{ variant: 'filled' }}
            fields={[
              { name: 'email', label: t.sellers.email, isRequired: true },
              { name: 'password', label: t.sellers.password, says: t.sellers.passwordSays, kind: 'password', isRequired: true },
              { name: 'labels', label: t.labels.title, says: t.labels.says, kind: 'lines' },
            ]}
            input={({ email = '', password = '', labels }) => ({ email, password, labels: labelsOf(linesOf(labels)) })}
          />
        </>
      }
    >
      <section className="panel" aria-label={t.pages.sellers}>
        <FilterRow
          fields={[
            { name: 'q', label: t.sellers.q },
            {
              name: 'status',
              label: t.sellers.status,
              kind: 'choice',
              choices: [
                { value: '', label: t.any },
                { value: 'enabled', label: t.enabled },
                { value: 'disabled', label: t.disabled },
              ],
            },
            labelFilter(),
          ]}
        />
        <DataList
          name="seller.list"
          input={{
            ...(q ? { q: q.toLowerCase() } : {}),
            ...(status ? { status: status as 'enabled' } : {}),
            ...(label ? { label } : {}),
          }}
          isEnabled={!label || isLabel(label)}
          label={t.pages.sellers}
          keyOf={({ sellerId }) => sellerId}
          empty={t.sellers.empty}
          columns={[
            { title: t.sellers.email, cell: ({ sellerId, email }) => <PageLink to={pathOf('sellers', sellerId)}>{email}</PageLink> },
            { title: t.sellers.status, cell: ({ status }) => <State tone={status === 'enabled' ? 'good' : 'plain'}>{t[status]}</State> },
            { title: t.labels.title, cell: ({ labels }) => labelText(labels) || '–' },
            { title: t.sellers.lastLogin, cell: ({ lastLoginAt }) => <Time at={lastLoginAt} /> },
            { title: t.sellers.needless, isNumber: true, cell: ({ needlessLogins }) => needlessLogins },
            { title: t.sellers.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
          ]}
        />
      </section>
      {isMay('throttle.list') && (
        <Section title={t.sellers.locks} says={t.sellers.locksSays}>
          <Throttles />
        </Section>
      )}
    </Page>
  )
}
