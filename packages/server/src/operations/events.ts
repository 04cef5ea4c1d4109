import type { EventInput } from '../store/store.ts'
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
        ({ limit, after }) =>
          store.events.list({ ...filter, limit, beforeId: after === undefined ? undefined : cursorParts(after, ['number'])[0] }),
        ({ id }) => JSON.stringify([id]),
        ({ id, actor: by, ...event }) => ({ number: id, ...view(event), ...(by === undefined ? {} : { actor: by }) }),
      )
    },

    'refusal.list': ({ kind, agentId, subject, since, until, ...page }, caller) => {
      const filter = { kind, subject, ...periodOf({ since, until }), agentIds: merchantsOf(caller, agentId) }
      return readPage(
        page,
        ({ limit, after }) => store.refusals.list({ ...filter, limit, before: after === undefined ? undefined : refusalAt(after) }),
        ({ at, id }) => JSON.stringify([at, id]),
        ({ lastAt, ...refusal }) => ({ ...view(refusal), lastAt: timeValue(lastAt) }),
      )
    },
  }
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
