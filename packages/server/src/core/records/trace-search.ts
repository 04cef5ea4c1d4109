import type { StoredTrace, TraceFilter, TracePlace, TraceStore } from '../../store/store.ts'

const batchMax = 500
/** How many traces one question looks at, so that it costs little however seldom what is asked for is. */
const lookedAtMax = 2_000

/** What is looked for inside traces: none of it has an index. */
export interface TraceWanted {
  readonly call?: string | undefined
  readonly code?: string | undefined
  readonly address?: string | undefined
  readonly subject?: string | undefined
}

/** A page of traces, newest first. `next` is where to go on, null at the end; the page may be short all the same. */
export async function searchTraces(
  store: TraceStore,
  filter: Omit<TraceFilter, 'limit'>,
  wanted: TraceWanted,
  limit: number,
): Promise<{ traces: StoredTrace[]; next: TracePlace | null }> {
  const conditions = Object.entries(wanted).filter(([, value]) => value !== undefined) as [keyof TraceWanted, string][]
  const traces: StoredTrace[] = []
  let { before } = filter
  for (let lookedAt = 0; lookedAt < lookedAtMax; ) {
    const batchSize = conditions.length === 0 ? limit + 1 - traces.length : batchMax
    const batch = await store.list({ ...filter, before, limit: batchSize })
    for (const trace of batch) {
      if (traces.length === limit) return { traces, next: before ?? null }
      if (conditions.every(([name, value]) => trace[name] === value)) traces.push(trace)
      before = trace
    }
    if (batch.length < batchSize) return { traces, next: null }
    lookedAt += batch.length
  }
  return { traces, next: before ?? null }
}
