import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import { useMay } from '../api/account.ts'
import { ActButton } from '../parts/act-button.tsx'
import { Actor } from '../parts/actor.tsx'
import { CodeState } from '../parts/code-state.tsx'
import { DataList } from '../parts/data-list.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Joined } from '../parts/joined.tsx'
import { Page, Section } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { surfaceName } from '../parts/words.ts'
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
              cell: ({ actor, address }) => (
                <Joined
                  texts={[actor === undefined ? '–' : <Actor key="actor" actor={actor} />, ...(address === undefined ? [] : [address])]}
                />
              ),
            },
            { title: t.audit.face, cell: ({ surface }) => surfaceName(surface) },
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
function Change({ details = {} }: { readonly details: Details }) {
  const { before, after, ...rest } = details
  const isChange = before !== undefined || after !== undefined
  if (!isChange && Object.keys(rest).length === 0) return '–'
  return (
    <>
      {isChange && (
        <div className="before-after">
          <Side title={t.audit.before} value={before} />
          <Side title={t.audit.after} value={after} />
        </div>
      )}
      <Values value={rest} />
    </>
  )
}

function Side({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <div className="small">
      <span className="soft">{title}</span>
      <Values value={value} />
    </div>
  )
}

/** A line for each value; those of an object within are named after it, `settings.currencies`. */
function Values({ value }: { readonly value: unknown }) {
  return linesOf('', value).map(([name, text]) => (
    <div key={name} className="small">
      {name === '' ? '' : `${name}: `}
      <bdi>{text}</bdi>
    </div>
  ))
}

function linesOf(name: string, value: unknown): (readonly [name: string, text: string])[] {
  if (value === null || value === undefined || value === '') return [[name, '–']]
  if (Array.isArray(value))
    return [[name, value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', ') || '–']]
  if (typeof value !== 'object') return [[name, String(value)]]
  const lines = Object.entries(value).flatMap(([inner, part]) => linesOf(name === '' ? inner : `${name}.${inner}`, part))
  return lines.length === 0 && name !== '' ? [[name, '–']] : lines
}
