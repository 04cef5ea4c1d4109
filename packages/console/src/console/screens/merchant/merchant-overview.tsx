import { signingAlgorithms } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { useMay } from '../../api/account.ts'
import { useRead } from '../../api/use-read.ts'
import { CodeState } from '../../parts/code-state.tsx'
import { Explained, isSignatureRefused } from '../../parts/explained.tsx'
import { Meaning } from '../../parts/meaning.tsx'
import { Facts, Section, State } from '../../parts/page.tsx'
import { PageLink, pathOf } from '../../parts/page-link.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { Steps } from '../../parts/steps.tsx'
import { Table } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'
import { AddressTest } from './address-test.tsx'
import { Clock } from './clock.tsx'
import { AddToList, useRefusalFix } from './refusal-fix.tsx'

type Merchant = AdminOutput<'merchant.show'>
type Trace = AdminOutput<'trace.show'>

/** Refresh interval. */
const everyMs = 5_000

/** Answers "Why do their logins fail?" at a glance. */
export function MerchantOverview({ merchant }: { readonly merchant: Merchant }) {
  const { agentId } = merchant
  const isMay = useMay()
  const summary = useRead('member-session.summary', { agentId }, { isEnabled: isMay('member-session.summary') })
  return (
    <>
      <div className="columns">
        <Refusals merchant={merchant} />
        <div className="form">
          <Section title={agentId}>
            <Facts
              facts={[
                [t.merchant.clock, <Clock key="clock" clock={merchant.clock} />],
                [t.merchant.signature, signingAlgorithms[merchant.sign].label],
                [t.merchant.currencies, merchant.currencies.join(', ') || t.none],
                ...(summary.data === undefined
                  ? []
                  : [
                      [
                        t.merchant.online,
                        <PageLink key="online" to="." search={{ tab: 'members' }}>
                          {summary.data.isComplete ? '' : '≥ '}
                          {t.merchant.onlineSays(summary.data.sessions, summary.data.users)}
                        </PageLink>,
                      ] as const,
                    ]),
              ]}
            />
          </Section>
          <AddressTest agentId={agentId} />
        </div>
      </div>
      <Origins merchant={merchant} />
    </>
  )
}

function Refusals({ merchant }: { readonly merchant: Merchant }) {
  const { agentId } = merchant
  const traces = useRead('trace.list', { agentId, failed: true, limit: 200 }, { everyMs })
  const counts = useRead('call-count.top', { agentId, span: 'hour', by: 'code' }, { everyMs: 30_000 })
  if (traces.error !== null && traces.data === undefined) return <ProblemText problem={traces.error} />
  const byCode = Map.groupBy(traces.data?.items ?? [], ({ code }) => code)
  return (
    <Section title={t.merchant.refusals} says={t.merchant.refusalsSays}>
      {traces.data === undefined && <Skeleton />}
      {traces.data !== undefined && byCode.size === 0 && <p className="empty">{t.merchant.noRefusals}</p>}
      {[...byCode].map(([code, refused]) => {
        // Counts are up to a minute behind the calls.
        const counted = counts.data?.items.find((row) => row.code === code)?.count ?? 0
        return <Refusal key={code} merchant={merchant} code={code} refused={refused} count={Math.max(counted, refused.length)} />
      })}
    </Section>
  )
}

interface RefusalProps {
  readonly merchant: Merchant
  readonly code: string
  /** The newest first. */
  readonly refused: readonly Trace[]
  readonly count: number
}

/** A code, which several steps may answer, and each of these. */
function Refusal({ merchant, code, refused, count }: RefusalProps) {
  const byStep = Map.groupBy(refused, ({ steps }) => steps.find(({ passed }) => !passed)?.name)
  const reasons = [...byStep.values()].flatMap(([latest]) => (latest === undefined ? [] : [latest]))
  return (
    <article className="refusal">
      <header>
        <CodeState code={code} search={{ agentId: merchant.agentId }} /> {t.merchant.count(count)}
      </header>
      {reasons.map((latest, index) => (
        <Reason
          key={latest.steps.map(({ name }) => name).join()}
          merchant={merchant}
          latest={latest}
          isMeaningSaid={reasons.slice(0, index).some(({ key }) => key === latest.key)}
        />
      ))}
    </article>
  )
}

interface ReasonProps {
  readonly merchant: Merchant
  readonly latest: Trace
  /** By a reason above it. */
  readonly isMeaningSaid: boolean
}

function Reason({ merchant, latest, isMeaningSaid }: ReasonProps) {
  const fix = useRefusalFix(merchant, latest)
  return (
    <div className="reason">
      <p className="soft small">
        {t.merchant.latest}: <Time at={latest.at} />, <PageLink to={pathOf('calls', latest.requestId)}>{latest.call}</PageLink>{' '}
        {t.merchant.from} <bdi>{latest.address}</bdi>, {t.merchant.key}: <CallKey trace={latest} />
      </p>
      {isSignatureRefused(latest) ? (
        <Explained requestId={latest.requestId} />
      ) : (
        !isMeaningSaid && <Meaning errorKey={latest.key} isCauseOnly={fix !== null} />
      )}
      <Steps trace={latest} isDecidingOnly />
      {fix !== null && <div>{fix}</div>}
      <details>
        <summary>{t.merchant.allSteps}</summary>
        <Steps trace={latest} />
      </details>
    </div>
  )
}

function Origins({ merchant }: { readonly merchant: Merchant }) {
  const { agentId } = merchant
  const origins = useRead('call-origin.list', { agentId }, { everyMs: 30_000 })
  return (
    <Section title={t.merchant.seen} says={t.merchant.seenSays}>
      {origins.error !== null && origins.data === undefined && <ProblemText problem={origins.error} />}
      {origins.data === undefined && origins.error === null && <Skeleton rows={2} />}
      {origins.data?.items.length === 0 && <p className="empty">{t.merchant.notSeen}</p>}
      {origins.data !== undefined && origins.data.items.length > 0 && (
        <Table
          label={t.merchant.seen}
          items={origins.data.items}
          keyOf={({ address, keyId, isStranger }) => `${address} ${keyId} ${isStranger}`}
          columns={[
            { title: t.merchant.address, cell: ({ address }) => address ?? t.merchant.manyAddresses },
            {
              title: t.merchant.onList,
              cell: ({ address, isStranger }) =>
                !isStranger ? (
                  <State tone="good">{t.yes}</State>
                ) : address !== null && merchant.allow.includes(address) ? (
                  <State tone="good">{t.merchant.listedNow}</State>
                ) : (
                  <>
                    <State tone="bad">{t.no}</State> {address !== null && <AddToList merchant={merchant} list="allow" entry={address} />}
                  </>
                ),
            },
            { title: t.merchant.key, cell: ({ keyId }) => keyId ?? <span className="soft">{t.merchant.noKey}</span> },
            { title: t.merchant.accepted, isNumber: true, cell: ({ accepted }) => accepted },
            { title: t.merchant.refused, isNumber: true, cell: ({ refused }) => refused },
            { title: t.merchant.lastAt, cell: ({ lastAt }) => <Time at={lastAt} /> },
          ]}
        />
      )}
    </Section>
  )
}

/** The key that verified a call. */
export function CallKey({ trace: { agentId = '', keyId } }: { readonly trace: Trace }) {
  if (keyId === undefined) return <span className="soft">{t.merchant.noKey}</span>
  return (
    <PageLink to={pathOf('merchants', agentId)} search={{ tab: 'keys' }}>
      {keyId}
    </PageLink>
  )
}
