import type { StoredTrace, TraceFilter, TracePlace, TraceStore } from '../../store/store.ts'

const batchMax = 500
/** Traces examined per query, so that a rare match stays cheap. */
const lookedAtMax = 1_000

/** Conditions on the content of traces, which no index covers. */
export interface TraceWanted {
  readonly call?: string | undefined
  readonly code?: string | undefined
  readonly address?: string | undefined
  readonly subject?: string | undefined
}

/** A page of traces, newest first. `next` is where to continue, null at the end; a page may be short before that. */
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
