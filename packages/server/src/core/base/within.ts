/**
 * What `work` gives, or an error when it takes longer. An answer that has arrived by then counts, although this process was too busy to
 * read it in time: one more turn of the event loop is given. What is late is dropped, its failure too.
 */
export function within<T>(ms: number, work: Promise<T>, lateError: (error: Error) => Error = (error) => error): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => setImmediate(() => reject(lateError(new Error(`no answer within ${ms} ms`)))), ms)
  work.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}
