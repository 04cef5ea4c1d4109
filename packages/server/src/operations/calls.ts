import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import { getMerchant } from '../core/merchants/merchant-admin.ts'
import type { CallCountFilter, CallDimension, GroupedCount } from '../store/store.ts'
import { type Caller, merchantsOf } from './caller.ts'
import { cursorParts, readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeOf, timeValue } from './times.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000
const dimensions = ['time', 'surface', 'call', 'code', 'merchant'] as const

type CountInput = Omit<AdminInput<'call-count.list'>, 'limit' | 'cursor'>

export function callHandlers({ store, clock }: OperationParts): Handlers<'call-count.list' | 'call-count.top' | 'call-origin.list'> {
  return {
    'call-count.list': async ({ limit, cursor, ...input }, caller) => {
      const filter = countFilter(input, caller, clock.now())
      return readPage(
        { limit, cursor },
        (page) =>
          store.callCounts.group({
            ...filter,
            order: 'key',
            limit: page.limit,
            after:
              page.after === undefined
                ? undefined
                : cursorParts(
                    page.after,
                    filter.by.map((dimension) => (dimension === 'time' ? 'number' : 'string')),
                  ),
          }),
        (row) => JSON.stringify(filter.by.map((dimension) => keyPart(row, dimension))),
        countView,
      )
    },

    'call-count.top': async ({ limit = 50, ...input }, caller) => {
      const rows = await store.callCounts.group({ ...countFilter(input, caller, clock.now()), order: 'count', limit })
      return { items: rows.map(countView) }
    },

    'call-origin.list': async ({ agentId, limit = 50, since, until }) => {
      await getMerchant(store.merchants, agentId)
      const end = timeOf('until', until) ?? clock.now() + 1
      const begin = timeOf('since', since) ?? end - dayMs
      const rows = await store.callCounts.sumOrigins({ agentId, since: begin - (begin % hourMs), until: end, limit })
      return { items: rows.map(({ at, agentId: _agentId, ...origin }) => ({ ...origin, lastAt: timeValue(at) })) }
    },
  }
}

/** A count's filter; by default the last hour by the minute, or the last day by the hour. */
function countFilter(input: CountInput, caller: Caller, now: number): CallCountFilter & { readonly by: readonly CallDimension[] } {
  const { span = 'minute', agentId, surface, call, code, failed, by = 'surface,call,code' } = input
  const until = timeOf('until', input.until) ?? now + 1
  const since = timeOf('since', input.since) ?? until - (span === 'minute' ? hourMs : dayMs)
  const unit = span === 'minute' ? minuteMs : hourMs
  const wanted = new Set(by.split(','))
  return {
    span,
    since: since - (since % unit),
    until,
    agentIds: merchantsOf(caller, agentId),
    surface,
    call,
    code,
    onlyFailed: failed,
    by: dimensions.filter((dimension) => wanted.has(dimension)),
  }
}

function keyPart(row: GroupedCount, dimension: CallDimension): string | number {
  if (dimension === 'time') return row.at ?? 0
  return (dimension === 'merchant' ? row.agentId : row[dimension]) ?? ''
}

function countView({ at, agentId, ...rest }: GroupedCount): AdminOutput<'call-count.list'>['items'][number] {
  return {
    ...(at === undefined ? {} : { at: timeValue(at) }),
    ...rest,
    ...(agentId === undefined ? {} : { agentId: agentId === '' ? null : agentId }),
  }
}
