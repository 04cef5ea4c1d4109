/**
 * The result of `work`, or an error if it takes longer. Allows one more turn of the event loop for a result that has arrived but was not
 * read yet. Late results and failures are dropped.
 */
export function within<T>(ms: number, work: Promise<T>, lateError: (error: Error) => Error = (error) => error): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => setImmediate(() => reject(lateError(new Error(`no answer within ${Math.round(ms)} ms`)))), ms)
  work.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}
