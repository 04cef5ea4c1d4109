import { signingAlgorithms } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { useMay } from '../../api/account.ts'
import { useRead } from '../../api/use-read.ts'
import { ActButton } from '../../parts/act-button.tsx'
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
      {[...byCode].map(([code, [latest, ...earlier]]) => {
        if (latest === undefined) return null
        // Counts are up to a minute behind the calls.
        const counted = counts.data?.items.find((row) => row.code === code)?.count ?? 0
        return <Refusal key={code} merchant={merchant} latest={latest} count={Math.max(counted, earlier.length + 1)} />
      })}
    </Section>
  )
}

function Refusal({ merchant, latest, count }: { readonly merchant: Merchant; readonly latest: Trace; readonly count: number }) {
  const { agentId, allow } = merchant
  const { address } = latest
  const stranger = latest.key === 'address_not_allowed' ? address : undefined
  return (
    <article className="refusal">
      <header>
        <CodeState code={latest.code} search={{ agentId }} /> {t.merchant.count(count)}
        <p className="soft small">
          {t.merchant.latest}: <Time at={latest.at} />, <PageLink to={pathOf('calls', latest.requestId)}>{latest.call}</PageLink>{' '}
          {t.merchant.from} <bdi>{address}</bdi>, {t.merchant.key}: <CallKey trace={latest} />
        </p>
      </header>
      {isSignatureRefused(latest) ? (
        <Explained requestId={latest.requestId} />
      ) : (
        <Meaning errorKey={latest.key} isCauseOnly={stranger !== undefined} />
      )}
      <Steps steps={latest.steps.filter(({ passed }) => !passed)} />
      {stranger !== undefined && (
        <div>
          {allow.includes(stranger) ? (
            <State tone="good">{t.merchant.listedNow}</State>
          ) : (
            <AddAddress merchant={merchant} address={stranger} />
          )}
        </div>
      )}
      <details>
        <summary>{t.merchant.allSteps}</summary>
        <Steps steps={latest.steps} />
      </details>
    </article>
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
                    <State tone="bad">{t.no}</State> {address !== null && <AddAddress merchant={merchant} address={address} />}
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

/** Adds one address to the existing list, or asks for it. */
export function AddAddress({ merchant, address }: { readonly merchant: Merchant; readonly address: string }) {
  const { agentId, allow } = merchant
  const isMay = useMay()
  const changed = { agentId, allow: [...allow, address] }
  if (!isMay('merchant.update'))
    return (
      <ActButton
        name="proposal.add"
        label={t.merchant.askAddress}
        says={`${t.merchant.addAddressSays(address, agentId)} ${t.proposals.askSays}`}
        fields={[{ name: 'reason', label: t.proposals.reason, isRequired: true }]}
        input={({ reason = '' }) => ({ operation: 'merchant.update', input: changed, reason })}
        done={() => <p>{t.proposals.asked}</p>}
      />
    )
  return (
    <ActButton
      name="merchant.update"
      label={t.merchant.addAddress}
      says={t.merchant.addAddressSays(address, agentId)}
      current={merchant}
      hasEffects
      input={() => changed}
    />
  )
}
