import type { AdminOutput } from '@lobbykey/contract/admin'
import type { ReactNode } from 'react'
import { useAccount, useMay } from '../api/account.ts'
import { useRead, useWhole } from '../api/use-read.ts'
import { useWaiting } from '../api/waiting.ts'
import { CallChart } from '../parts/call-chart.tsx'
import { CodeState, isAccepted } from '../parts/code-state.tsx'
import { Facts, Page, Section, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { storeName } from '../parts/product-names.ts'
import { ProposedChange } from '../parts/proposal.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { Table } from '../parts/table.tsx'
import { counted, number, Time } from '../parts/time.tsx'
import { proposalsPath } from '../shell/navigation.ts'
import { t } from '../texts/texts.ts'
import { Clock } from './merchant/clock.tsx'

/** Refresh interval; with at most nine lists, under one request per second. */
const everyMs = 10_000
/** Merchants to look at that are shown of each kind. */
const dueMax = 10
/** Codes and merchants with the most refusals that are shown. */
const topMax = 8

/** Of the proposals that wait, as many are shown. */
const decisionsMax = 3

/** Current activity. Every number links to the list behind it. */
export function NowScreen() {
  const isMay = useMay()
  return (
    <Page title={t.pages.now} says={t.now.says}>
      <Decisions />
      {isMay('call-count.top') && <Numbers />}
      <div className="columns">
        {isMay('call-count.list') && <Charts />}
        {isMay('status.show') && <Health />}
        {isMay('merchant.list') && <MerchantsToLookAt />}
      </div>
    </Page>
  )
}

/** What colleagues and partners wait for. */
function Decisions() {
  const waiting = useWaiting()
  if (waiting.length === 0) return null
  return (
    <Section title={t.proposals.waitForYou(waiting.length)} actions={<PageLink to={proposalsPath}>{t.proposals.lookAndDecide}</PageLink>}>
      <ul className="decisions">
        {waiting.slice(0, decisionsMax).map((proposal) => (
          <li key={proposal.proposalId}>
            <div>
              <ProposedChange proposal={proposal} />
            </div>
            <div className="soft small">
              {t.proposals.until} <Time at={proposal.expiresAt} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}

interface Sums {
  readonly accepted: number
  readonly refused: number
}

function sumsOf(items: readonly { readonly code?: string | undefined; readonly count: number }[]): Sums {
  let accepted = 0
  let refused = 0
  for (const { code = '', count } of items) {
    if (isAccepted(code)) accepted += count
    else refused += count
  }
  return { accepted, refused }
}

function Numbers() {
  const isMay = useMay()
  const { agentIds } = useAccount()
  const hour = useRead('call-count.top', { span: 'minute', by: 'code', limit: 200 }, { everyMs })
  const merchants = useRead('call-count.top', { span: 'minute', by: 'merchant', failed: true, limit: topMax }, { everyMs })
  const day = useRead('call-count.top', { span: 'hour', by: 'code', limit: 200 }, { everyMs: 6 * everyMs })
  const online = useRead('member-session.count', {}, { everyMs, isEnabled: isMay('member-session.count') })
  const problem = hour.error ?? day.error
  if (problem !== null && (hour.data === undefined || day.data === undefined)) return <ProblemText problem={problem} />
  if (hour.data === undefined || day.data === undefined) return <Skeleton rows={2} />
  const inHour = sumsOf(hour.data.items)
  const inDay = sumsOf(day.data.items)
  const since = (hours: number) => ({ since: new Date(Date.now() - hours * 3_600_000).toISOString() })
  return (
    <>
      <div className="numbers">
        <PageLink to="/calls" search={since(1)}>
          <strong>{number(inHour.accepted)}</strong>
          <span>
            {t.now.accepted}, {t.now.lastHour}
          </span>
        </PageLink>
        <PageLink to="/calls" search={{ failed: 'yes', ...since(1) }}>
          <strong>{number(inHour.refused)}</strong>
          <span>
            {t.now.refused}, {t.now.lastHour}
          </span>
        </PageLink>
        <PageLink to="/calls" search={since(24)}>
          <strong>{number(inDay.accepted)}</strong>
          <span>
            {t.now.accepted}, {t.now.lastDay}
          </span>
        </PageLink>
        <PageLink to="/calls" search={{ failed: 'yes', ...since(24) }}>
          <strong>{number(inDay.refused)}</strong>
          <span>
            {t.now.refused}, {t.now.lastDay}
          </span>
        </PageLink>
        {online.data !== undefined && (
          <PageLink to="/members">
            <strong>{counted(online.data.sessions, online.data.isComplete)}</strong>
            <span>{t.now.online}</span>
          </PageLink>
        )}
      </div>
      <div className="columns">
        <Top title={t.now.topCodes} items={byCode(hour.data.items)} />
        {agentIds?.length !== 1 && <Top title={t.now.topMerchants} items={byMerchant(merchants.data?.items ?? [])} />}
      </div>
    </>
  )
}

type Counts = AdminOutput<'call-count.top'>['items']

interface TopRow {
  readonly name: string
  readonly code?: string
  readonly agentId?: string | null
  readonly count: number
}

function byCode(items: Counts): TopRow[] {
  const refused = items.filter(({ code = '' }) => !isAccepted(code))
  return refused.slice(0, topMax).map(({ code = '', count }) => ({ name: code, code, count }))
}

function byMerchant(items: Counts): TopRow[] {
  return items.map(({ agentId = null, count }) => ({ name: agentId ?? '', agentId, count }))
}

function Top({ title, items }: { readonly title: string; readonly items: readonly TopRow[] }) {
  return (
    <Section title={title}>
      {items.length === 0 ? (
        <p className="empty">{t.now.noRefusals}</p>
      ) : (
        <Table
          label={title}
          items={items}
          keyOf={({ name }) => name}
          columns={[
            {
              title: items[0]?.code === undefined ? t.now.merchant : t.now.code,
              cell: ({ code, agentId }) =>
                code !== undefined ? (
                  <CodeState code={code} />
                ) : agentId ? (
                  <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink>
                ) : (
                  t.now.unknownMerchant
                ),
            },
            { title: t.now.count, isNumber: true, cell: ({ count }) => number(count) },
          ]}
        />
      )}
    </Section>
  )
}

function Charts() {
  const minutes = useWhole('call-count.list', { span: 'minute', by: 'time,code', limit: 200 }, { everyMs })
  const hours = useWhole('call-count.list', { span: 'hour', by: 'time,code', limit: 200 }, { everyMs: 6 * everyMs })
  return (
    <Section title={t.now.calls}>
      {minutes.error !== null && minutes.data === undefined && <ProblemText problem={minutes.error} />}
      {minutes.data === undefined ? minutes.error === null && <Skeleton /> : <CallChart counts={minutes.data} unitMs={60_000} units={60} />}
      <h3>{t.now.callsByHour}</h3>
      {hours.data === undefined ? hours.error === null && <Skeleton /> : <CallChart counts={hours.data} unitMs={3_600_000} units={24} />}
    </Section>
  )
}

function Health() {
  const { data, error } = useRead('status.show', {}, { everyMs })
  if (error !== null && data === undefined) return <ProblemText problem={error} />
  if (data === undefined) return <Skeleton />
  return (
    <Section title={t.now.health}>
      {data.due.length === 0 ? (
        <p>{t.now.nothingDue}</p>
      ) : (
        <ul className="warnings" aria-label={t.now.due}>
          {data.due.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <Facts
        facts={[
          [t.now.store, [t.now.storeSays(storeName(data.store.kind), data.store.answerMs), ...data.store.warnings].join('. ')],
          [t.now.redis, data.redis === null ? t.now.notUsed : data.redis.isReached ? t.now.reached : t.now.notReached],
          [t.now.version, data.version],
          [
            t.now.processes,
            data.processes.length === 0
              ? t.none
              : data.processes.map(({ host, pid, isAlive, isReady }) => (
                  <div key={`${host} ${pid}`}>
                    <bdi>{host}</bdi> {pid}{' '}
                    <State tone={isAlive && isReady ? 'good' : 'bad'}>
                      {!isAlive ? t.now.gone : isReady ? t.now.ready : t.now.notReady}
                    </State>
                  </div>
                )),
          ],
        ]}
      />
    </Section>
  )
}

/** Clocks that are off, and keys that can be retired. */
function MerchantsToLookAt() {
  return (
    <>
      <Due
        due="clock"
        title={t.now.clocks}
        none={t.now.clocksRight}
        row={({ agentId, clock }) => (
          <>
            <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink> <Clock clock={clock} />
          </>
        )}
      />
      <Due
        due="key"
        title={t.now.retirable}
        none={t.now.noRetirable}
        row={({ agentId }) => (
          <PageLink to={pathOf('merchants', agentId)} search={{ tab: 'keys' }}>
            {agentId}
          </PageLink>
        )}
      />
    </>
  )
}

interface DueProps {
  readonly due: 'clock' | 'key'
  readonly title: string
  readonly none: string
  readonly row: (merchant: AdminOutput<'merchant.list'>['items'][number]) => ReactNode
}

/** The first merchants with something to look at, and where the others are. */
function Due({ due, title, none, row }: DueProps) {
  const { data, error } = useRead('merchant.list', { due, limit: dueMax }, { everyMs: 6 * everyMs })
  return (
    <Section title={title}>
      {data === undefined ? (
        error === null ? (
          <Skeleton rows={2} />
        ) : (
          <ProblemText problem={error} />
        )
      ) : (
        <>
          {data.items.length === 0 && <p className="empty">{none}</p>}
          {data.items.map((merchant) => (
            <p key={merchant.agentId}>{row(merchant)}</p>
          ))}
          {data.nextCursor !== null && (
            <p>
              <PageLink to="/merchants" search={{ due }}>
                {t.now.allDue}
              </PageLink>
            </p>
          )}
        </>
      )}
    </Section>
  )
}
