import type { ChangeTopic, EventInput } from '../store.ts'
import { type Connection, chunks } from './database.ts'

/** Writes events and changes beside a mutation, in its transaction. */
export async function appendEvents(tx: Connection, events: readonly EventInput[]): Promise<void> {
  for (const chunk of chunks(events)) {
    await tx.insertInto('events').values(chunk.map(eventRow)).execute()
  }
}

export async function appendChanges(tx: Connection, topic: ChangeTopic, subjects: readonly string[], at: number): Promise<void> {
  for (const chunk of chunks(subjects)) {
    await tx
      .insertInto('changes')
      .values(chunk.map((subject) => ({ topic, subject, at })))
      .execute()
  }
}

function eventRow(event: EventInput) {
  return {
    at: event.at,
    kind: event.kind,
    surface: event.surface,
    actor: storable(event.actor ?? usualActor(event)),
    agent_id: storable(event.agentId),
    subject: storable(event.subject),
    address: storable(event.address),
    request_id: storable(event.requestId),
    code: storable(event.code),
    count: event.count ?? 1,
    details: event.details === undefined ? null : JSON.stringify(event.details),
  }
}

/** Who acts where nobody is named: the surface's own caller (check 97). */
function usualActor({ surface, agentId, subject }: EventInput): string | undefined {
  if (surface === 'server') return 'server'
  if (surface === 'member-api' && agentId !== undefined) return `merchant:${agentId}`
  if (surface === 'seller-api' && subject !== undefined) return `seller:${subject}`
  return undefined
}

/** What was refused may be any text; PostgreSQL takes neither NUL nor lone surrogates, and an event must never fail on them. */
export function storable(text: string | undefined): string | null {
  return text === undefined ? null : text.toWellFormed().replaceAll('\0', '\u{FFFD}')
}
