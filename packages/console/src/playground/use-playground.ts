/** The page's state: the request being typed, the results of sent requests, and the URL that restores it. */
import { useEffect, useEffectEvent, useState } from 'react'
import { readFragment, writeFragment } from './deep-link.ts'
import { type Draft, startDraft } from './draft.ts'
import type { PageSettings } from './page-settings.ts'
import { type PreparedRequest, prepareRequest } from './prepared-request.ts'
import { findRememberedKey } from './remembered-key.ts'
import { isSuccess, type Outcome, sellerTokens, sendRequest } from './send-request.ts'
import { useNow } from './use-now.ts'

/** Selected to explain another program's request. */
export const explainId = 'explain'
const explainFragment = `#${explainId}`

export interface PlaygroundState {
  /** The selected call, or `explainId`. */
  readonly selectedId: string
  readonly select: (id: string) => void
  readonly draft: Draft
  readonly setDraft: (draft: Draft) => void
  /** Changes these texts by field name. */
  readonly changeValues: (values: Readonly<Record<string, string>>) => void
  /** The draft as it would be sent now. */
  readonly prepared: PreparedRequest
  readonly now: number
  readonly isSending: boolean
  /** Result of the last time this call was sent. */
  readonly outcome: Outcome | null
  /** The access token that a logout has ended; null before one. */
  readonly endedToken: string | null
  /** Number of requests sent. */
  readonly sentCount: number
  readonly send: (draft: Draft) => Promise<void>
}

export function usePlayground(settings: PageSettings): PlaygroundState {
  const [start] = useState(() => startDraft(settings))
  const [draft, setDraft] = useState(() => {
    const restored = readFragment(location.hash, start)
    return { ...restored, key: findRememberedKey() ?? restored.key }
  })
  const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({})
  const [endedToken, setEndedToken] = useState<string | null>(null)
  const [sentCount, setSentCount] = useState(0)
  const [isSending, setIsSending] = useState(false)
  const [isExplaining, setIsExplaining] = useState(() => location.hash === explainFragment)
  const now = useNow()
  useFragment(isExplaining ? explainFragment : writeFragment(draft, start), (fragment) => {
    setIsExplaining(fragment === explainFragment)
    if (fragment !== explainFragment) setDraft((current) => readFragment(fragment, current))
  })

  function select(id: string) {
    setIsExplaining(id === explainId)
    if (id !== explainId) setDraft({ ...draft, operationId: id })
  }

  const changeValues = (values: Readonly<Record<string, string>>) =>
    setDraft((current) => ({ ...current, values: { ...current.values, ...values } }))

  async function send(sent: Draft) {
    setIsSending(true)
    setDraft(sent)
    const outcome = await sendRequest(prepareRequest(sent, Date.now()))
    setOutcomes((current) => ({ ...current, [sent.operationId]: outcome }))
    changeValues(sellerTokens(outcome))
    if (sent.operationId === 'seller.logout' && 'answer' in outcome && isSuccess(outcome.answer)) {
      setEndedToken(sent.values.accessToken ?? null)
    }
    setSentCount((count) => count + 1)
    setIsSending(false)
  }

  const outcome = outcomes[draft.operationId] ?? null
  const selectedId = isExplaining ? explainId : draft.operationId
  return {
    selectedId,
    select,
    draft,
    setDraft,
    changeValues,
    prepared: prepareRequest(draft, now),
    now,
    isSending,
    outcome,
    endedToken,
    sentCount,
    send,
  }
}

/** Keeps the URL in step with the page, and the page with a URL that is typed or followed. */
function useFragment(fragment: string, restore: (fragment: string) => void): void {
  useEffect(() => {
    // Not at every key: browsers limit how often a URL may change.
    const timer = setTimeout(() => history.replaceState(null, '', fragment), 250)
    return () => clearTimeout(timer)
  }, [fragment])
  const restoreNow = useEffectEvent(() => restore(location.hash))
  useEffect(() => {
    addEventListener('hashchange', restoreNow)
    return () => removeEventListener('hashchange', restoreNow)
  }, [])
}
