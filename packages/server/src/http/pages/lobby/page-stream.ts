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
  /** Of what the page shows, as `pageVersion` says it. */
  readonly shownVersion: string
  readonly look: () => Promise<PageState>
}

/**
 * Follows a session for its page: tells `ended`, once, or `changed` when the page shows what is not so any more. It looks by itself once
 * the session is followed, so that nothing falls between the page and its stream.
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
      // The page comes again, and looks again.
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

/** Tells a page whose session is not followed any more how it ended. */
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

/** Another one whenever the page of a live session would show something else. It tells nothing of the session. */
export function pageVersion({ session, userName, isBetLocked, target, limits }: SessionFacts): string {
  const { expiresAt, language, currency, opaque } = session
  const shown = [expiresAt, language, currency, opaque, userName, isBetLocked, target, limits]
  return hash('sha256', JSON.stringify(shown), 'base64url').slice(0, 16)
}
