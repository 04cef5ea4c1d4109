import { useMay } from '../api/account.ts'
import { DataList } from '../parts/data-list.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { isLabel, labelFilter, labelText } from '../parts/labels.ts'
import { Page, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'
import { AddMerchant } from './merchant/add-merchant.tsx'
import { Clock } from './merchant/clock.tsx'

export function MerchantsScreen() {
  const [{ q, status, label, due }] = useSearchFields()
  const input = {
    ...(q ? { q } : {}),
    ...(status ? { status: status as 'enabled' } : {}),
    ...(label ? { label } : {}),
    ...(due ? { due: due as 'clock' } : {}),
  }
  return (
    <Page title={t.pages.merchants} says={t.merchants.says} actions={<MerchantsActions />}>
      <section className="panel" aria-label={t.pages.merchants}>
        <FilterRow
          fields={[
            { name: 'q', label: t.merchants.filterBeginning },
            {
              name: 'status',
              label: t.merchants.status,
              kind: 'choice',
              choices: [
                { value: '', label: t.any },
                { value: 'enabled', label: t.enabled },
                { value: 'disabled', label: t.disabled },
              ],
            },
            labelFilter(),
            {
              name: 'due',
              label: t.merchants.due,
              kind: 'choice',
              choices: [
                { value: '', label: t.any },
                { value: 'clock', label: t.now.clocks },
                { value: 'key', label: t.now.retirable },
              ],
            },
          ]}
        />
        <DataList
          name="merchant.list"
          input={input}
          isEnabled={!label || isLabel(label)}
          label={t.pages.merchants}
          keyOf={({ agentId }) => agentId}
          empty={t.merchants.empty}
          columns={[
            { title: t.merchants.agentId, cell: ({ agentId }) => <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink> },
            {
              title: t.merchants.status,
              cell: ({ status }) => <State tone={status === 'enabled' ? 'good' : 'plain'}>{t[status]}</State>,
            },
            { title: t.labels.title, cell: ({ labels }) => labelText(labels) || '–' },
            { title: t.merchants.clock, cell: ({ clock }) => <Clock clock={clock} /> },
            { title: t.merchants.keys, isNumber: true, cell: ({ keys }) => keys.filter(({ status }) => status === 'active').length },
            { title: t.merchants.warnings, cell: ({ warnings }) => warnings.join(' ') || <span className="soft">{t.none}</span> },
            { title: t.merchants.changed, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
          ]}
        />
      </section>
    </Page>
  )
}

function MerchantsActions() {
  const isMay = useMay()
  return (
    <>
      {isMay('brand.set') && <PageLink to="/brands">{t.brand.title}</PageLink>}
      <AddMerchant />
    </>
  )
}
