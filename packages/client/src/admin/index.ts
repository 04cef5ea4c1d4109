/** The admin API, typed by the list of operations. Nothing here but Web standards, so that it runs in browsers too. */
import { type AdminInput, type AdminOperationName, type AdminOutput, adminBasePath, adminOperation, etagOf } from '@lobbykey/contract/admin'
import { AdminError, type Problem } from './admin-error.ts'
import { sendAgain } from './send-again.ts'

export { AdminError, type Problem } from './admin-error.ts'

export interface AdminClientOptions {
  /** Origin of the admin listener: `https://admin.example.com`. */
  readonly baseUrl: string
  /** An API token, `lk_…`; absent in a browser that is signed in. */
  readonly token?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  /** The ETag of what was read, for what changes it (`etagOf`); it is changed whatever it is unless given. */
  readonly ifMatch?: string
  /** Names a create, so that it can be sent again; one is made unless given, for the repeats of this call alone. */
  readonly idempotencyKey?: string
  /** Everything is checked and answered, and nothing done. */
  readonly validateOnly?: boolean
  readonly signal?: AbortSignal
}

export class AdminClient {
  readonly #baseUrl: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #fetch: typeof fetch

  constructor({ baseUrl, token, headers = {}, fetch: send = fetch }: AdminClientOptions) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '')
    this.#headers = { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    this.#fetch = send
  }

  /**
   * Asks for an operation. A lost answer, 429 and 503 are met with the same request again where that does nothing twice: for what reads, and for
   * what makes something, by its Idempotency-Key.
   * @throws AdminError
   */
  async run<Name extends AdminOperationName>(name: Name, input: AdminInput<Name>, options: CallOptions = {}): Promise<AdminOutput<Name>> {
    const { method, kind } = adminOperation(name)
    const named = kind === 'create' ? { idempotencyKey: crypto.randomUUID(), ...options } : options
    const request = () => this.#fetch(...this.#requestOf(name, input, named))
    const isRepeatable = method === 'GET' || kind === 'create'
    const response = isRepeatable ? await sendAgain(request, options.signal) : await reach(request)
    const body = await bodyOf(response)
    if (!response.ok) throw AdminError.of(response, body as Partial<Problem> | null)
    return body as AdminOutput<Name>
  }

  /** Every item of a list, page by page. */
  async *all<Name extends ListName>(name: Name, input: Omit<AdminInput<Name>, 'cursor'>): AsyncGenerator<ItemOf<Name>> {
    let cursor: string | null = null
    do {
      const pageInput = { limit: 200, ...input, ...(cursor === null ? {} : { cursor }) } as unknown as AdminInput<Name>
      const page = (await this.run(name, pageInput)) as { items: ItemOf<Name>[]; nextCursor: string | null }
      yield* page.items
      cursor = page.nextCursor
    } while (cursor !== null)
  }

  #requestOf(name: AdminOperationName, input: object, options: CallOptions): [string, RequestInit] {
    const { method, path, kind } = adminOperation(name)
    const rest: Record<string, unknown> = { ...input }
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
      const value = rest[field]
      delete rest[field]
      return encodeURIComponent(String(value))
    })
    const hasBody = method !== 'GET' && method !== 'DELETE'
    const query = new URLSearchParams()
    if (!hasBody) for (const [field, value] of Object.entries(rest)) if (value !== undefined) query.set(field, String(value))
    if (options.validateOnly) query.set('validateOnly', 'true')
    const headers: Record<string, string> = { accept: 'application/json', ...this.#headers }
    if (hasBody) headers['content-type'] = 'application/json'
    if (kind === 'change') headers['if-match'] = options.ifMatch ?? '*'
    if (kind === 'create' && options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey
    const url = `${this.#baseUrl}${adminBasePath}${filled}${query.size === 0 ? '' : `?${query}`}`
    const { signal } = options
    return [
      url,
      {
        method,
        headers,
        redirect: 'error',
        ...(hasBody ? { body: JSON.stringify(rest) } : {}),
        ...(signal === undefined ? {} : { signal }),
      },
    ]
  }
}

/** The operations that answer page by page. */
export type ListName = {
  [Name in AdminOperationName]: AdminOutput<Name> extends { items: unknown[]; nextCursor: string | null } ? Name : never
}[AdminOperationName]

export type ItemOf<Name extends ListName> = AdminOutput<Name> extends { items: (infer Item)[] } ? Item : never

export { etagOf }

async function reach(request: () => Promise<Response>): Promise<Response> {
  try {
    return await request()
  } catch (error) {
    throw AdminError.notReached(error)
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    if (response.ok) throw AdminError.of(response, { detail: 'the answer is no JSON: is this the address of an admin listener?' })
    return null
  }
}
