import { hash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { SessionFacts } from '../../../core/member-sessions/session-facts.ts'
import type { SessionFeed } from '../../../core/member-sessions/session-feed.ts'
import type { MemberSession } from '../../../store/store.ts'
import { EventStream } from '../../event-stream.ts'
import type { EndKind } from './texts/lobby-texts.ts'

/** What a page would show now: the version of a live session, or how it ended. */
export type PageState = { readonly version: string } | { readonly end: EndKind }

export interface PageStreamOptions {
  readonly feed: SessionFeed
  readonly session: MemberSession
  readonly reply: FastifyReply
  /** Version of what the page shows, from `pageVersion`. */
  readonly shownVersion: string
  readonly look: () => Promise<PageState>
}

/**
 * Follows a session for its page: sends `ended`, once, or `changed` when the page is out of date. Compares once after subscribing, so that nothing is
 * missed between the page and its stream.
 *
 * @throws GatewayError overloaded
 */
export function openPageStream({ feed, session, reply, shownVersion, look }: PageStreamOptions): void {
  const check = () => {
    look().then(
      (state) => {
        if ('end' in state) tellEnd(stream, state.end)
        else if (state.version !== shownVersion) stream.send({ name: 'changed', data: {} })
      },
      // The page reconnects and compares again.
      () => stream.end(),
    )
  }
  const stop = feed.followSession({
    session,
    ended: (over) => tellEnd(stream, endKindOf(over)),
    changed: check,
    reset: check,
    heartbeat: () => stream.send({ name: 'heartbeat', data: {} }),
    closed: () => stream.end(),
  })
  const stream = new EventStream(reply, stop)
  check()
}

/** Sends a page whose session is no longer followed how it ended. */
export function sendEndEvent(reply: FastifyReply, end: EndKind): void {
  tellEnd(new EventStream(reply, () => {}), end)
}

function tellEnd(stream: EventStream, reason: EndKind): void {
  stream.send({ name: 'ended', data: { reason } })
  stream.end()
}

/** A session without an end has expired. */
export function endKindOf({ endReason }: MemberSession): EndKind {
  return endReason ?? 'expired'
}

/** Changes whenever the page of a live session would show something else. Reveals nothing about the session. */
export function pageVersion({ session, userName, isBetLocked, target, limits }: SessionFacts): string {
  const { expiresAt, language, currency, opaque } = session
  const shown = [expiresAt, language, currency, opaque, userName, isBetLocked, target, limits]
  return hash('sha256', JSON.stringify(shown), 'base64url').slice(0, 16)
}
