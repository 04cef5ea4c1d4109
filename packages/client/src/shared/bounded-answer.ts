/** Far more than the gateway answers. */
export const bytesMax = 16 * 1024 * 1024

/** The body as text; null where it is larger than `bytesMax`. */
export function textOf(response: Response): Promise<string | null> {
  const { headers } = response
  // As nearly always: one that says how large it is, and is not packed.
  const length = headers.get('content-length')
  const isBounded = length !== null && !headers.has('content-encoding') && Number(length) <= bytesMax
  return isBounded ? response.text() : countedTextOf(response)
}

async function countedTextOf({ body }: Response): Promise<string | null> {
  if (body === null) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > bytesMax) {
      await reader.cancel()
      return null
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** The same where there is no answer without its text. @throws Error for one that is larger */
export async function wholeTextOf(response: Response): Promise<string> {
  const text = await textOf(response)
  if (text === null) throw new Error(`the answer is larger than ${bytesMax} bytes`)
  return text
}

/** How long the gateway, or a proxy before it, asks to wait: seconds or a date. Null for what is neither. */
export function retryAfterOf(headers: Headers): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  // More digits than a number keeps are more patience than anybody has.
  if (/^\d+$/.test(text)) return Math.min(Number(text), 999_999_999) * 1_000
  const date = text.endsWith(' GMT') ? Date.parse(text) : Number.NaN
  if (Number.isNaN(date)) return null
  // By the clock of whoever wrote the date.
  const now = Date.parse(headers.get('date') ?? '')
  return Math.max(0, date - (Number.isNaN(now) ? Date.now() : now))
}
