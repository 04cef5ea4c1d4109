/** The headers of W3C Trace Context and Baggage that may go on: valid, and no longer than the specifications ask everybody to take. */
export interface TraceHeaders {
  readonly traceparent?: string
  /** Only with a `traceparent`, whose it is. */
  readonly tracestate?: string
  readonly baggage?: string
}

/** @param headers as they were sent, by name in lower case */
export function readTraceHeaders(headers: {
  readonly traceparent?: unknown
  readonly tracestate?: unknown
  readonly baggage?: unknown
}): TraceHeaders {
  const { traceparent, tracestate, baggage } = headers
  const isTraced = isText(traceparent) && isTraceparent(traceparent)
  return {
    ...(isTraced ? { traceparent } : {}),
    ...(isTraced && isText(tracestate) && isTracestate(tracestate) ? { tracestate } : {}),
    ...(isText(baggage) && isBaggage(baggage) ? { baggage } : {}),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Later versions may append fields. */
const traceparentForm = /^(?!ff)(?!00-.{53})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?$/

function isTraceparent(text: string): boolean {
  return text.length <= 128 && traceparentForm.test(text)
}

const stateForm = /^(?:[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}|[a-z][a-z0-9_*/-]{0,255})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/

function isTracestate(text: string): boolean {
  return text.length <= 512 && isListOf(text, 32, stateForm)
}

/** Name, value and properties: printable ASCII without quotes and backslashes. */
const baggageForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t!#-+\--[\]-~]*$/

function isBaggage(text: string): boolean {
  return text.length <= 8_192 && isListOf(text, 64, baggageForm)
}

function isListOf(text: string, max: number, form: RegExp): boolean {
  const members = text.split(',').map((member) => member.trim())
  return members.length <= max && members.every((member) => form.test(member))
}
