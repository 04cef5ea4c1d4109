import { escapeHidden } from '@lobbykey/contract/escape-hidden'
import { wholeTextOf } from '../shared/bounded-answer.ts'
import { demandTexts, givenBaseUrl } from '../shared/given.ts'
import { readEvents } from './event-stream.ts'
import { VerifyError } from './verify-error.ts'

export interface SessionGuardOptions {
  readonly baseUrl: string
  /** Of `lobbykey service add`. */
  readonly serviceId: string
  readonly secret: string
  /** Merchants whose sessions are followed; default all. */
  readonly agentIds?: readonly string[]
  /** Sessions that are remembered; default 10,000. */
  readonly cacheMax?: number
  /** How long a session's fields are remembered: a `lock_bet` is seen so late; its end within a second. Default 2 s; 0 asks every time. */
  readonly cacheMs?: number
  readonly onEnded?: (ended: EndedSession) => void
  readonly fetch?: typeof fetch
  readonly now?: () => number
}

export interface MemberSession {
  readonly active: true
  readonly session_id: string
  readonly kind: 'member' | 'guest'
  readonly agent_id: string
  readonly user_id: string
  readonly currency: string
  readonly platform: string
  readonly language: string
  readonly custom_language: string | null
  readonly game_code: string | null
  readonly game: { readonly game_id: string; readonly inst_id: string | null; readonly is_random_table: boolean } | null
  readonly limits: Readonly<Record<string, readonly { readonly red_id: string; readonly min_limit: string; readonly max_limit: string }[]>>
  readonly callback: string | null
  readonly amount: string | null
  readonly lock_bet: boolean
  readonly created_at: number
  readonly expires_at: number
}

export interface EndedSession {
  readonly session_id: string
  readonly agent_id: string
  readonly user_id: string
  readonly reason: string
  readonly ended_at: number
}

export type SessionName =
  | { readonly agentId: string; readonly token: string; readonly memberAddress?: string }
  | { readonly handle: string }

export interface SessionGuard {
  /** Null for whatever is no live session. @throws VerifyError `unsure` when the gateway cannot be asked: let nobody play */
  check(name: SessionName): Promise<MemberSession | null>
  /** The first to redeem a ticket gets the session and its handle. */
  redeem(ticket: { readonly agentId: string; readonly ticket: string }): Promise<(MemberSession & { readonly handle: string }) | null>
  /** Ends the feed. */
  close(): void
}

/** A feed that says nothing for longer is over (docs/session-check.md). */
const silenceMsMax = 20_000
const answerMsMax = 5_000
const [reconnectMs, reconnectMsMax] = [250, 5_000]

/**
 * For game servers: sessions are asked for, remembered while the feed of ends is heard, and forgotten when they end.
 * @throws TypeError for an option that was left out
 */
export function createSessionGuard(options: SessionGuardOptions): SessionGuard {
  const { baseUrl, serviceId, secret, agentIds = [], cacheMax = 10_000, cacheMs = 2_000, onEnded, now = Date.now } = options
  const send = options.fetch ?? ((input: string, init?: RequestInit) => fetch(input, init))
  const root = givenBaseUrl(baseUrl)
  demandTexts({ serviceId, secret })
  const authorization = `Basic ${base64(`${formText(serviceId)}:${formText(secret)}`)}`
  const remembered = new Map<string, { readonly session: MemberSession; readonly until: number }>()
  const namesOf = new Map<string, Set<string>>()
  const closing = new AbortController()
  let lastEventId: string | null = null
  /** Whether ends are heard; nothing is remembered while they are not. */
  let isHeard = false
  /** Counts up with each end, so that an answer that was on its way meanwhile is not remembered. */
  let ends = 0
  void follow()

  async function ask(path: string, form: Readonly<Record<string, string>>): Promise<Record<string, unknown> | null> {
    try {
      const response = await send(`${root}${path}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
        redirect: 'manual',
        signal: AbortSignal.timeout(answerMsMax),
      })
      if (response.status === 401) throw new Error('the gateway does not know this serviceId with this secret: check both, and baseUrl')
      const body = JSON.parse(await wholeTextOf(response)) as Record<string, unknown>
      if (response.status !== 200) throw new Error(escapeHidden(`HTTP ${response.status} ${body.error}: ${body.error_description ?? ''}`))
      return body.active === true ? body : null
    } catch (error) {
      throw new VerifyError('unsure', error)
    }
  }

  async function check(name: SessionName): Promise<MemberSession | null> {
    const id = 'handle' in name ? `handle ${name.handle}` : `token ${name.agentId} ${name.token}`
    const known = remembered.get(id)
    // More left than it was given: the clock was set back, and how old it is is not known.
    const leftMs = known === undefined ? 0 : known.until - now()
    if (known !== undefined && isHeard && leftMs > 0 && leftMs <= cacheMs) return known.session
    const endsBefore = ends
    const form: Record<string, string> =
      'handle' in name
        ? { handle: name.handle }
        : { agent_id: name.agentId, token: name.token, ...(name.memberAddress === undefined ? {} : { member_address: name.memberAddress }) }
    const session = (await ask('/session/check', form)) as MemberSession | null
    if (session === null) forget(id)
    else if (isHeard && ends === endsBefore) remember(id, session)
    return session
  }

  function remember(id: string, session: MemberSession): void {
    if (remembered.size >= cacheMax) {
      const [oldest] = remembered.keys()
      if (oldest !== undefined) forget(oldest)
    }
    remembered.set(id, { session, until: Math.min(now() + cacheMs, session.expires_at) })
    const names = namesOf.get(session.session_id) ?? new Set()
    namesOf.set(session.session_id, names.add(id))
  }

  function forget(id: string): void {
    const known = remembered.get(id)
    if (known === undefined) return
    remembered.delete(id)
    const names = namesOf.get(known.session.session_id)
    names?.delete(id)
    if (names?.size === 0) namesOf.delete(known.session.session_id)
  }

  function forgetAll(): void {
    ends++
    remembered.clear()
    namesOf.clear()
  }

  async function follow(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      try {
        await followOnce(() => {
          failures = 0
        })
      } catch {
        // The stream broke; what ended meanwhile is told when it is open again.
      }
      isHeard = false
      forgetAll()
      const pauseMs = Math.min(reconnectMs * 2 ** failures, reconnectMsMax) * (0.5 + Math.random() / 2)
      if (!closing.signal.aborted) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  async function followOnce(onHeard: () => void): Promise<void> {
    const silence = new AbortController()
    const query = agentIds.map((agentId) => `agent_id=${encodeURIComponent(agentId)}`).join('&')
    let timer = setTimeout(() => silence.abort(), silenceMsMax)
    try {
      const response = await send(`${root}/session/feed${query === '' ? '' : `?${query}`}`, {
        headers: { authorization, ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) },
        redirect: 'manual',
        signal: AbortSignal.any([closing.signal, silence.signal]),
      })
      if (response.status !== 200 || response.body === null) throw new Error(`HTTP ${response.status}`)
      for await (const event of readEvents(response.body)) {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), silenceMsMax)
        isHeard = true
        onHeard()
        if (event.id !== null) lastEventId = event.id
        if (event.name === 'ended') tellEnded(JSON.parse(event.data) as EndedSession)
        else if (event.name === 'reset') forgetAll()
      }
    } finally {
      clearTimeout(timer)
    }
  }

  function tellEnded(ended: EndedSession): void {
    ends++
    for (const id of [...(namesOf.get(ended.session_id) ?? [])]) forget(id)
    onEnded?.(ended)
  }

  return {
    check,
    redeem: async ({ agentId, ticket }) =>
      (await ask('/session/redeem', { agent_id: agentId, ticket })) as unknown as (MemberSession & { handle: string }) | null,
    close: () => closing.abort(),
  }
}

/** As a form encodes it (RFC 6749 section 2.3.1). */
function formText(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
