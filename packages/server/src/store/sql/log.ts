import type { Change, ChangeTopic, EventInput, WrittenChange } from '../store.ts'
import { type Connection, chunks, type Database } from './database.ts'

/** Writes events and changes in the transaction of the mutation they record. */
export async function appendEvents(tx: Connection, events: readonly EventInput[]): Promise<void> {
  for (const chunk of chunks(events)) {
    await tx.insertInto('events').values(chunk.map(eventRow)).execute()
  }
}

export async function appendChanges(tx: Connection, changes: readonly WrittenChange[]): Promise<void> {
  const rows = [...(written.get(tx) ?? [])]
  for (const chunk of chunks(changes)) {
    const added = await tx.insertInto('changes').values(chunk).returning(changeColumns).execute()
    rows.push(...added.map(toChange))
  }
  written.set(tx, rows)
}

export const changeColumns = ['seq', 'topic', 'subject', 'at', 'detail'] as const

export function toChange(row: Omit<Change, 'topic'> & { readonly topic: string }): Change {
  return { ...row, topic: row.topic as ChangeTopic }
}

/** By the transaction that writes them. */
const written = new WeakMap<Connection, readonly Change[]>()

/** @returns a function that forgets what the transaction writes from here on, because it was rolled back to here */
export function forgetChangesAfter(tx: Connection): () => void {
  const before = written.get(tx) ?? []
  return () => written.set(tx, before)
}

/** A database that reports the changes of each transaction once they are durable. */
export function reportingChanges(database: Database, report: (changes: readonly Change[]) => void): Database {
  return {
    dialect: database.dialect,
    run: (work) => database.run(work),
    transaction: async (work) => {
      let last: Connection | undefined
      const result = await database.transaction((tx) => {
        last = tx
        return work(tx)
      })
      const changes = last === undefined ? undefined : written.get(last)
      if (changes !== undefined) report(changes)
      return result
    },
    unsynced: (work) => database.unsynced(work),
    exclusively: (work) => database.exclusively(work),
    login: (batch) => database.login(batch),
    loginWithin: (tx, batch) => database.loginWithin(tx, batch),
    durabilityProblems: () => database.durabilityProblems(),
    limitProblems: () => database.limitProblems(),
    connections: () => database.connections(),
    close: () => database.close(),
  }
}

function eventRow(event: EventInput) {
  return {
    at: event.at,
    kind: event.kind,
    surface: event.surface,
    actor: storable(event.actor ?? defaultActor(event)),
    agent_id: storable(event.agentId),
    subject: storable(event.subject),
    address: storable(event.address),
    request_id: storable(event.requestId),
    code: storable(event.code),
    count: event.count ?? 1,
    details: event.details === undefined ? null : JSON.stringify(event.details),
  }
}

/** The actor when none is named: the surface's own caller (check 97). */
function defaultActor({ surface, agentId, subject }: EventInput): string | undefined {
  if (surface === 'server') return 'server'
  if (surface === 'member-api' && agentId !== undefined) return `merchant:${agentId}`
  if (surface === 'seller-api' && subject !== undefined) return `seller:${subject}`
  return undefined
}

/** Refused input may be any text; PostgreSQL accepts neither NUL nor lone surrogates, and an event must never fail because of them. */
export function storable(text: string | undefined): string | null {
  return text === undefined ? null : text.toWellFormed().replaceAll('\0', '\u{FFFD}')
}
