/** Where spans go. */
export interface Collector {
  /** `/v1/traces` is added. */
  readonly endpoint: string
  /** `name=value` each. */
  readonly headers: readonly string[]
  readonly timeoutMs: number
}

/** Posts OTLP as JSON, once. Reads nothing of the answer but its status. @throws Error that says what is wrong, without the headers */
export async function sendSpans({ endpoint, headers, timeoutMs }: Collector, body: string): Promise<void> {
  const answer = await fetch(`${endpoint}/v1/traces`, {
    method: 'POST',
    headers: [...headers.map(pairOf), ['content-type', 'application/json']],
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  // An answer may be endless.
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`the collector answered ${answer.status}`)
}

/** Splits `name=value`. */
export function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}
