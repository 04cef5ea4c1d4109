import type { AdminInput } from '@lobbykey/contract/admin'
import { Checkbox } from '@mantine/core'
import { CodeState } from '../parts/code-state.tsx'
import { DataList } from '../parts/data-list.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Page, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { stepName, surfaceName } from '../parts/words.ts'
import { t } from '../texts/texts.ts'
import { ExplainRequest } from './explain-request.tsx'

const liveMs = 2_000
const filters = ['agentId', 'call', 'code', 'address', 'subject', 'since', 'until'] as const

/** All recorded calls, live or back as far as they are kept. */
export function CallsScreen() {
  const [search, change] = useSearchFields()
  const isLive = search.live === 'yes'
  const input: Record<string, unknown> = search.failed === 'yes' ? { failed: true } : {}
  for (const name of filters) if (search[name]) input[name] = search[name]
  return (
    <Page title={t.pages.calls} says={t.calls.says} actions={<ExplainRequest />}>
      <section className="panel" aria-label={t.pages.calls}>
        <FilterRow
          fields={[
            { name: 'agentId', label: t.calls.merchant },
            {
              name: 'failed',
              label: t.calls.failed,
              kind: 'choice',
              choices: [
                { value: '', label: t.calls.onlyAccepted },
                { value: 'yes', label: t.calls.onlyFailed },
              ],
            },
            { name: 'code', label: t.calls.code },
            { name: 'call', label: t.calls.call },
            { name: 'address', label: t.calls.address },
            { name: 'subject', label: t.calls.subject },
            { name: 'since', label: t.calls.since },
            { name: 'until', label: t.calls.until },
          ]}
        />
        <Checkbox
          label={t.calls.live}
          description={t.calls.liveSays}
          checked={isLive}
          onChange={(event) => change({ live: event.currentTarget.checked ? 'yes' : '' })}
        />
        <DataList
          name="trace.list"
          input={input as AdminInput<'trace.list'>}
          label={t.pages.calls}
          keyOf={({ requestId, number }) => `${requestId} ${number}`}
          empty={t.calls.empty}
          {...(isLive ? { everyMs: liveMs } : {})}
          columns={[
            {
              title: t.calls.at,
              cell: ({ requestId, at }) => (
                <PageLink to={pathOf('calls', requestId)}>
                  <Time at={at} />
                </PageLink>
              ),
            },
            { title: t.calls.outcome, cell: ({ code }) => <CodeState code={code} search={present({ agentId: search.agentId })} /> },
            { title: t.calls.call, cell: ({ surface, call }) => `${surfaceName(surface)}: ${call}` },
            {
              title: t.calls.merchant,
              cell: ({ agentId }) => (agentId === undefined ? '–' : <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink>),
            },
            { title: t.calls.who, cell: ({ subject }) => subject ?? '–' },
            {
              title: t.calls.address,
              cell: ({ address, isStranger }) => (
                <>
                  {address ?? '–'} {isStranger && <State tone="plain">{t.calls.stranger}</State>}
                </>
              ),
            },
            {
              title: t.calls.decidedBy,
              cell: ({ steps }) => {
                const failed = steps.find(({ passed }) => !passed)
                return failed === undefined ? <span className="soft">{t.calls.passed}</span> : stepName(failed.name)
              },
            },
          ]}
        />
      </section>
    </Page>
  )
}

function present(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
