/** How long one answer may take, ms, and its maximum size, bytes. */
const answerMsMax = 3_000
const answerBytesMax = 256 * 1024

/** The fault lies with the provider or the network, and may be gone at the next try. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
}

/**
 * Requests to the provider of single sign-on: only to its metadata and the endpoints that these name, never to where a redirect points, and with
 * bounds on time and size (check 65).
 */
export class ProviderFetch {
  readonly #allowed: Set<string>
  readonly #mayBePlain: boolean
  /** When the last answer was given, by the provider's clock, ms; null if it did not say. */
  answeredAt: number | null = null

  /** @param metadataUrl what may be requested first */
  constructor(metadataUrl: string) {
    this.#allowed = new Set([metadataUrl])
    this.#mayBePlain = metadataUrl.startsWith('http:')
  }

  /** @throws ProviderFault for what is no https URL, unless the issuer is not either */
  allow(urls: readonly (string | undefined)[]): void {
    for (const url of urls) {
      if (url === undefined) continue
      const protocol = URL.parse(url)?.protocol
      if (protocol !== 'https:' && !(protocol === 'http:' && this.#mayBePlain)) throw new ProviderFault('an endpoint is not an https URL')
      this.#allowed.add(new URL(url).href)
    }
  }

  async request(url: string, init: RequestInit): Promise<Response> {
    if (!this.#allowed.has(new URL(url).href)) throw new ProviderFault('a request to an endpoint that the metadata do not name')
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(answerMsMax), ...(init.signal ? [init.signal] : [])])
      const answer = await fetch(url, { ...init, redirect: 'manual', signal })
      const body = await readBounded(answer)
      const saidAt = Date.parse(answer.headers.get('date') ?? '')
      this.answeredAt = Number.isNaN(saidAt) ? null : saidAt
      // A response with one of these statuses may have no body, not even an empty one.
      return new Response([204, 205, 304].includes(answer.status) ? null : body, { status: answer.status, headers: answer.headers })
    } catch (error) {
      if (error instanceof ProviderFault) throw error
      const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
      throw new ProviderFault(name === 'TimeoutError' ? `no answer within ${answerMsMax} ms` : (cause?.code ?? cause?.message ?? message))
    }
  }
}

async function readBounded(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > answerBytesMax) throw new ProviderFault(`an answer of more than ${answerBytesMax} bytes`)
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}
