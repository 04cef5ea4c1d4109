import { type CallPart, type PartSpan, spans } from './spans.ts'

/** The spans of an item of a group commit: its wait for a batch, then the batch, in every call that waits for it. */
export class CommitSpans {
  readonly #parent: CallPart
  #wait: PartSpan

  /** Begins the wait of an item; null outside of calls that have spans. */
  static begin(): CommitSpans | null {
    const parent = spans === null ? null : spans.current()
    return parent === null ? null : new CommitSpans(parent)
  }

  private constructor(parent: CallPart) {
    this.#parent = parent
    this.#wait = parent.start(waitName)
  }

  /** The wait is over. @param error why, when no batch took it */
  endWait(error?: unknown): void {
    this.#wait.end(error)
  }

  waitAgain(): void {
    this.#wait = this.#parent.start(waitName)
  }

  startBatch(size: number): PartSpan {
    return this.#parent.start('group commit', { attributes: { 'lobbykey.batch.size': size } })
  }
}

const waitName = 'group commit wait'

/** Commits a batch. What the commit does is below the first item's span, since a span has one parent. */
export async function commitInSpans<T>(batch: readonly { readonly spans: CommitSpans | null }[], commit: () => Promise<T>): Promise<T> {
  const parts = batch.flatMap((item) => (item.spans === null ? [] : [item.spans.startBatch(batch.length)]))
  let failure: unknown
  try {
    return await (parts[0] === undefined ? commit() : parts[0].run(commit))
  } catch (error) {
    failure = error ?? 'error'
    throw error
  } finally {
    for (const part of parts) part.end(failure)
  }
}
