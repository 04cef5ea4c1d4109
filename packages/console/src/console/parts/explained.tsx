import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Explanation, ExplanationText } from '../../shared/explanation-text.tsx'
import { useRead } from '../api/use-read.ts'
import { t } from '../texts/texts.ts'
import { ProblemText } from './problem-text.tsx'
import { Skeleton } from './skeleton.tsx'

/** Whether a call was refused for its signature, which can be explained. */
export function isSignatureRefused({ canExplain, steps }: AdminOutput<'trace.show'>): boolean {
  return canExplain && steps.some(({ name, passed }) => name === 'signature' && !passed)
}

/** Why the signature of a recorded call was refused. */
export function Explained({ requestId }: { readonly requestId: string }) {
  const { data, error } = useRead('trace.explain', { requestId })
  if (error !== null) return <ProblemText problem={error} />
  if (data === undefined) return <Skeleton rows={2} />
  return (
    <section className="note" aria-label={t.merchant.explanation}>
      <ExplanationInWords explanation={data} />
    </section>
  )
}

/** In the page's language. */
export function ExplanationInWords({ explanation }: { readonly explanation: AdminOutput<'trace.explain'> }) {
  const words = { mistakes: t.mistakes, ruledOut: t.call.ruledOut }
  return <ExplanationText explanation={explanation as unknown as Explanation} words={words} />
}
