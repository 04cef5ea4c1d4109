import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import { useMay } from '../api/account.ts'
import { ActButton } from '../parts/act-button.tsx'
import { CodeState } from '../parts/code-state.tsx'
import { DataList } from '../parts/data-list.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Joined } from '../parts/joined.tsx'
import { Page, Section } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'

/** Who changed what, before and after, and whether the seals are valid. */
export function AuditScreen() {
  const [search] = useSearchFields()
  const isMay = useMay()
  const input: Record<string, string> = {}
  for (const name of ['kind', 'actor', 'subject', 'agentId', 'since', 'until'] as const) if (search[name]) input[name] = search[name]
  const { actor: _actor, ...ofRefusals } = input
  return (
    <Page
      title={t.pages.audit}
      says={t.audit.says}
      actions={
        <ActButton
          name="audit.verify"
          label={t.audit.verify}
          says={t.audit.verifySays}
          button={{ variant: 'filled' }}
          fields={[
            { name: 'since', label: t.audit.since, initial: search.since ?? '' },
            { name: 'until', label: t.audit.until, initial: search.until ?? '' },
          ]}
          input={({ since, until }) => ({ ...(since ? { since } : {}), ...(until ? { until } : {}) })}
          done={(result) => <Verdict result={result} />}
        />
      }
    >
      <Section title={t.audit.events}>
        <FilterRow
          fields={[
            { name: 'kind', label: t.audit.kind },
            { name: 'actor', label: t.audit.actor },
            { name: 'subject', label: t.audit.subject },
            { name: 'agentId', label: t.audit.merchant },
            { name: 'since', label: t.audit.since },
            { name: 'until', label: t.audit.until },
          ]}
        />
        <DataList
          name="event.list"
          input={input as AdminInput<'event.list'>}
          label={t.audit.events}
          keyOf={(event) => String(event.number)}
          empty={t.audit.empty}
          columns={[
            { title: t.audit.at, cell: ({ at }) => <Time at={at} /> },
            { title: t.audit.kind, cell: ({ kind }) => <Kind kind={kind} /> },
            {
              title: t.audit.actor,
              cell: ({ actor, address }) => <Joined texts={[actor ?? '–', ...(address === undefined ? [] : [address])]} />,
            },
            { title: t.audit.face, cell: ({ surface }) => surface },
            {
              title: t.audit.subject,
              cell: ({ agentId, subject }) => (
                <>
                  {agentId !== undefined && <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink>} <bdi>{subject}</bdi>
                </>
              ),
            },
            { title: t.audit.what, cell: ({ details }) => <Change details={details} /> },
          ]}
        />
      </Section>
      {isMay('refusal.list') && (
        <Section title={t.audit.refusals} says={t.audit.refusalsSays}>
          <DataList
            name="refusal.list"
            input={ofRefusals as AdminInput<'refusal.list'>}
            label={t.audit.refusals}
            keyOf={({ at, kind, requestId, subject, address }) => `${at} ${kind} ${requestId} ${subject} ${address}`}
            empty={t.audit.noRefusals}
            columns={[
              { title: t.audit.at, cell: ({ at }) => <Time at={at} /> },
              { title: t.audit.kind, cell: ({ kind }) => <Kind kind={kind} /> },
              { title: t.audit.code, cell: ({ code }) => (code === undefined ? '–' : <CodeState code={code} />) },
              {
                title: t.audit.subject,
                cell: ({ agentId, subject }) => (
                  <Joined texts={agentId === undefined && subject === undefined ? ['–'] : [agentId, subject].filter(Boolean)} by=" / " />
                ),
              },
              { title: t.audit.address, cell: ({ address }) => address ?? '–' },
              { title: t.audit.count, isNumber: true, cell: ({ count }) => count },
            ]}
          />
        </Section>
      )}
    </Page>
  )
}

/** Breaks before the dot, if at all. */
function Kind({ kind }: { readonly kind: string }) {
  const [subject, ...rest] = kind.split('.')
  return (
    <>
      {subject}
      {rest.map((part) => (
        <span key={part}>
          <wbr />.{part}
        </span>
      ))}
    </>
  )
}

function Verdict({ result }: { readonly result: AdminOutput<'audit.verify'> }) {
  const { fault, events, seals, unsealed, last } = result
  return (
    <>
      {fault === null ? (
        <p>{t.audit.verified(events, seals, unsealed)}</p>
      ) : (
        <p className="problem">{t.audit.faulty(fault.seal, fault.event, fault.message)}</p>
      )}
      {last !== null && <p className="soft small">{t.audit.last(last.number, last.digest)}</p>}
    </>
  )
}

type Details = AdminOutput<'event.list'>['items'][number]['details']

/** Old and new values side by side; the event's other details below. */
function Change({ details }: { readonly details: Details }) {
  if (details === undefined) return '–'
  const { before, after, ...rest } = details
  const others = Object.entries(rest)
  return (
    <>
      {(before !== undefined || after !== undefined) && (
        <div className="before-after">
          <Side title={t.audit.before} value={before} />
          <Side title={t.audit.after} value={after} />
        </div>
      )}
      {others.length > 0 && (
        <span className="small">
          <Joined
            texts={others.map(([name, value]) => (
              <>
                {name}: <bdi>{valueText(value)}</bdi>
              </>
            ))}
          />
        </span>
      )}
    </>
  )
}

function Side({ title, value }: { readonly title: string; readonly value: unknown }) {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [['', value] as const]
  return (
    <div className="small">
      <span className="soft">{title}</span>
      {entries.map(([name, part]) => (
        <div key={name}>
          {name === '' ? '' : `${name}: `}
          <bdi>{valueText(part)}</bdi>
        </div>
      ))}
    </div>
  )
}

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
