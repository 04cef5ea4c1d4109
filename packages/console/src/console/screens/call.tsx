import type { AdminOutput } from '@lobbykey/contract/admin'
import { useParams } from '@tanstack/react-router'
import { useRead } from '../api/use-read.ts'
import { CodeState } from '../parts/code-state.tsx'
import { Explained, isSignatureRefused } from '../parts/explained.tsx'
import { Meaning } from '../parts/meaning.tsx'
import { Facts, Page, Section } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { Steps } from '../parts/steps.tsx'
import { Time } from '../parts/time.tsx'
import { surfaceName } from '../parts/words.ts'
import { t } from '../texts/texts.ts'
import { CallKey } from './merchant/merchant-overview.tsx'
import { useRefusalFix } from './merchant/refusal-fix.tsx'

/** One call, drawn as its steps. */
export function CallScreen() {
  const { requestId = '' } = useParams({ strict: false }) as { requestId?: string }
  const { data: trace, error } = useRead('trace.show', { requestId })
  if (error !== null && trace?.requestId !== requestId) return <ProblemText problem={error} />
  if (trace === undefined || trace.requestId !== requestId) return <Skeleton />
  const { agentId, key, code, subject } = trace
  return (
    <Page title={t.call.title(requestId)} says={<CodeState code={code} />}>
      <div className="columns">
        <Section title={t.call.steps} says={t.call.stepsSays}>
          <Steps trace={trace} />
          {agentId !== undefined && trace.isFailed && <Fix trace={trace} agentId={agentId} />}
        </Section>
        <div className="form">
          {isSignatureRefused(trace) && (
            <Section title={t.merchant.explanation}>
              <Explained requestId={requestId} />
            </Section>
          )}
          {key !== undefined && (
            <Section title={t.call.error}>
              <Meaning errorKey={key} />
            </Section>
          )}
          <Section title={t.call.facts}>
            <Facts
              facts={[
                [t.calls.at, <Time key="at" at={trace.at} />],
                [t.call.surface, surfaceName(trace.surface)],
                [t.calls.call, trace.call],
                [
                  t.calls.merchant,
                  agentId === undefined ? (
                    t.none
                  ) : (
                    <PageLink key="merchant" to={pathOf('merchants', agentId)}>
                      {agentId}
                    </PageLink>
                  ),
                ],
                [
                  t.calls.subject,
                  subject === undefined || agentId === undefined ? (
                    (subject ?? t.none)
                  ) : (
                    <PageLink key="subject" to={pathOf('merchants', agentId, 'members', subject)}>
                      {subject}
                    </PageLink>
                  ),
                ],
                [t.calls.address, trace.address ?? t.none],
                ...(agentId === undefined ? [] : [[t.merchant.key, <CallKey key="key" trace={trace} />] as const]),
                [t.request, requestId],
              ]}
            />
          </Section>
          <SameToday code={code} agentId={agentId} />
        </div>
      </div>
    </Page>
  )
}

/** "Same mistake, so many calls today." */
function SameToday({ code, agentId }: { readonly code: string; readonly agentId: string | undefined }) {
  const filter = { code, ...(agentId === undefined ? {} : { agentId }) }
  const { data } = useRead('call-count.top', { ...filter, span: 'hour', by: 'code' })
  if (data === undefined) return null
  const count = data.items.find((row) => row.code === code)?.count ?? 0
  return (
    <Section title={t.call.same}>
      <PageLink to="/calls" search={filter}>
        {t.call.sameSays(Math.max(count, 1), code)}
      </PageLink>
    </Section>
  )
}

/** For a call that names an existing merchant. */
function Fix({ trace, agentId }: { readonly trace: AdminOutput<'trace.show'>; readonly agentId: string }) {
  const { data } = useRead('merchant.show', { agentId })
  const fix = useRefusalFix(data?.agentId === agentId ? data : undefined, trace)
  return fix === null ? null : <div>{fix}</div>
}
