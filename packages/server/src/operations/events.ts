import type { EventInput, RefusalPlace } from '../store/store.ts'
import { merchantsOf } from './caller.ts'
import { cursorParts, readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { periodOf, timeValue } from './times.ts'

export function eventHandlers({ store }: OperationParts): Handlers<'event.list' | 'refusal.list'> {
  return {
    'event.list': ({ kind, agentId, subject, actor, since, until, after: afterId, ...page }, caller) => {
      const filter = { kind, subject, actor, afterId, ...periodOf({ since, until }), agentIds: merchantsOf(caller, agentId) }
      return readPage(
        page,
        async ({ limit, after }) => {
          const beforeId = after === undefined ? undefined : cursorParts(after, ['number'])[0]
          const { rows, next } = await store.events.search({ ...filter, limit, beforeId })
          return { rows, next: next === null ? null : eventKey(next) }
        },
        ({ id }) => eventKey(id),
        ({ id, actor: by, ...event }) => ({ number: id, ...view(event), ...(by === undefined ? {} : { actor: by }) }),
      )
    },

    'refusal.list': ({ kind, agentId, subject, since, until, ...page }, caller) => {
      const filter = { kind, subject, ...periodOf({ since, until }), agentIds: merchantsOf(caller, agentId) }
      return readPage(
        page,
        async ({ limit, after }) => {
          const { rows, next } = await store.refusals.search({
            ...filter,
            limit,
            before: after === undefined ? undefined : refusalAt(after),
          })
          return { rows, next: next === null ? null : refusalKey(next) }
        },
        refusalKey,
        ({ lastAt, ...refusal }) => ({ ...view(refusal), lastAt: timeValue(lastAt) }),
      )
    },
  }
}

function eventKey(id: number): string {
  return JSON.stringify([id])
}

function refusalKey({ at, id }: RefusalPlace): string {
  return JSON.stringify([at, id])
}

function refusalAt(cursor: string) {
  const [at, id] = cursorParts(cursor, ['number', 'string'])
  return { at, id }
}

/** An event as operators see it; empty properties are left out. */
function view({ at, kind, surface, agentId, subject, address, requestId, code, count = 1, details }: EventInput) {
  const all = { at: timeValue(at), kind, surface, agentId, subject, address, requestId, code, count, details }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    at: string
    kind: string
    surface: string
    count: number
  }
}
