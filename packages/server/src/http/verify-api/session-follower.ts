import { memberFieldSchemas, parameterError, verifyField } from '@lobbykey/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionIdOf } from '../../core/member-sessions/session-facts.ts'
import type { FeedPosition, SessionFeed } from '../../core/member-sessions/session-feed.ts'
import type { Service } from '../../core/services/service-registry.ts'
import type { MemberSession } from '../../store/store.ts'
import { EventStream, type StreamEvent } from '../event-stream.ts'

export interface Following {
  readonly service: Service
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly isWelcome: () => boolean
}

/**
 * Streams session ends to a service, from now on or since the `Last-Event-ID` that it sends: `ended` for each; `reset` when some may be missing;
 * `heartbeat` while there is nothing to send.
 *
 * @throws GatewayError invalid_parameter, overloaded, store_unavailable
 */
export async function followSessions(feed: SessionFeed, { service, request, reply, isWelcome }: Following): Promise<void> {
  const agentIds = readAgentIds(request)
  const since = readPosition(request.headers['last-event-id'])
  const isWanted = ({ agentId }: MemberSession) => agentIds === null || agentIds.has(agentId)
  // Events that arrive while the past is read are sent after it: an id promises that everything before it was sent.
  let waiting: StreamEvent[] | null = []
  let stream: EventStream | null = null
  let isOver = false
  const send = (event: StreamEvent) => {
    if (waiting === null) stream?.send(event)
    else waiting.push(event)
  }
  const start = feed.position
  const stop = feed.follow({
    serviceId: service.id,
    isWelcome,
    ended: (session, position) => {
      if (isWanted(session)) send(endedEvent(session, idOf(position)))
    },
    reset: (position) => send({ name: 'reset', data: {}, id: idOf(position) }),
    heartbeat: (position) => send({ name: 'heartbeat', data: {}, id: idOf(position) }),
    closed: () => {
      isOver = true
      stop()
      stream?.end()
    },
  })
  try {
    const past = since === undefined ? [] : since === null ? null : await feed.endedSince(since)
    stream = new EventStream(reply, stop)
    if (past === null) stream.send({ name: 'reset', data: {}, id: idOf(start) })
    for (const session of past ?? []) if (isWanted(session)) stream.send(endedEvent(session))
    stream.send({ name: 'heartbeat', data: {}, id: idOf(start) })
    for (const event of waiting) stream.send(event)
    waiting = null
    if (isOver) stream.end()
  } catch (error) {
    stop()
    throw error
  }
}

function endedEvent(session: MemberSession, id?: string): StreamEvent {
  const { agentId, userId, endReason, endedAt } = session
  const data = { session_id: sessionIdOf(session), agent_id: agentId, user_id: userId, reason: endReason, ended_at: endedAt }
  return { name: 'ended', data, id }
}

function idOf({ seq, at }: FeedPosition): string {
  return `${seq}.${at.toString(36)}`
}

/** Undefined when absent; null for an id that was never issued. */
function readPosition(id: string | string[] | undefined): FeedPosition | null | undefined {
  if (id === undefined || id === '') return undefined
  const [, seq, at] = /^(0|[1-9][0-9]{0,14})\.([0-9a-z]{1,10})$/.exec(String(id)) ?? []
  return seq === undefined || at === undefined ? null : { seq: Number(seq), at: Number.parseInt(at, 36) }
}

/** Null: all merchants. */
function readAgentIds(request: FastifyRequest): ReadonlySet<string> | null {
  const query = request.query as Record<string, string | string[]>
  const unknown = Object.keys(query).find((name) => name !== 'agent_id')
  if (unknown !== undefined) throw parameterError('the query', 'may hold agent_id only')
  if (query.agent_id === undefined) return null
  const agentIds = [query.agent_id].flat()
  for (const agentId of agentIds) verifyField('agent_id', memberFieldSchemas.agentId, agentId)
  return new Set(agentIds)
}
