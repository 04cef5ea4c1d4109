import { useAccount } from '../api/account.ts'
import { DataList } from '../parts/data-list.tsx'
import { Page, Section } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { t } from '../texts/texts.ts'
import { BrandSection, forAll } from './merchant/brand-form.tsx'

/** The brand for all merchants, and who has one of its own. */
export function BrandsScreen() {
  const { agentIds } = useAccount()
  const none = <span className="soft">{t.none}</span>
  return (
    <Page title={t.brand.title} says={t.brand.pageSays}>
      {agentIds === null && <BrandSection agentId={forAll} />}
      <Section title={t.brand.own} says={t.brand.ownSays}>
        <DataList
          name="brand.list"
          input={{}}
          label={t.brand.own}
          keyOf={({ agentId }) => agentId}
          empty={t.brand.noOwn}
          columns={[
            {
              title: t.merchants.agentId,
              cell: ({ agentId }) =>
                agentId === forAll ? (
                  t.brand.forAll
                ) : (
                  <PageLink to={pathOf('merchants', agentId)} search={{ tab: 'brand' }}>
                    {agentId}
                  </PageLink>
                ),
            },
            { title: t.brand.fields.title[0] ?? '', cell: ({ title }) => title ?? none },
            { title: t.brand.logo, cell: ({ logo }) => (logo === null ? none : `${logo.width} × ${logo.height}`) },
            { title: t.brand.fields.accentColor[0] ?? '', cell: ({ accentColor }) => accentColor ?? none },
            { title: t.brand.fields.headerColor[0] ?? '', cell: ({ headerColor }) => headerColor ?? none },
            { title: t.merchants.changed, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
          ]}
        />
      </Section>
    </Page>
  )
}
