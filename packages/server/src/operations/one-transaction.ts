import type { OperationParts, Slowly } from './parts.ts'

/**
 * Runs work with operations' parts in one transaction: its deeds, and the record of them, take effect together or not at all, even when the store fails
 * at any moment. Slow work (`parts.slowly`) must not hold the store: where it is asked for, the transaction is rolled back, and begins again when it is done.
 */
export async function inOneTransaction<T>(parts: OperationParts, work: (parts: OperationParts) => Promise<T>): Promise<T> {
  // It is in one already.
  if (parts.slowly !== undefined) return work(parts)
  const outside = await readOutside(parts)
  return slowWorkFirst((slowly) => parts.store.together((store) => work({ ...parts, ...outside, store, slowly })))
}

/** The same in a transaction that is rolled back. */
export async function inRehearsal<T>(parts: OperationParts, work: (parts: OperationParts) => Promise<T>): Promise<T> {
  const rehearse = async (known: Pick<OperationParts, 'slowly' | 'shared' | 'publicUrl'>) =>
    parts.store.rehearse((store) => work({ ...parts, ...known, store, isRehearsal: true }))
  // It is in one already.
  if (parts.slowly !== undefined) return rehearse(parts)
  const outside = await readOutside(parts)
  return slowWorkFirst((slowly) => rehearse({ ...outside, slowly }))
}

async function slowWorkFirst<T>(transaction: (slowly: Slowly) => Promise<T>): Promise<T> {
  const done = new Map<string, unknown>()
  const slowly: Slowly = async (name, work) => {
    if (!done.has(name)) throw new SlowWork(name, work)
    return done.get(name) as Awaited<ReturnType<typeof work>>
  }
  for (;;) {
    try {
      return await transaction(slowly)
    } catch (error) {
      if (!(error instanceof SlowWork)) throw error
      done.set(error.what, await error.work())
    }
  }
}

/** Thrown to roll back and do this first. */
class SlowWork extends Error {
  readonly what: string
  readonly work: () => Promise<unknown>

  constructor(what: string, work: () => Promise<unknown>) {
    super('slow work is done before a transaction')
    this.what = what
    this.work = work
  }
}

/** What may read the store, read before: the transaction has SQLite's only connection. An error surfaces where the value is needed. */
async function readOutside({ sealer, shared, publicUrl }: OperationParts): Promise<Pick<OperationParts, 'shared' | 'publicUrl'>> {
  const [now, url] = [shared.read(), publicUrl()]
  await Promise.allSettled([sealer(), now, url])
  return { shared: { read: () => now }, publicUrl: () => url }
}
