/** The admin API, typed by the list of operations. Nothing here but Web standards, so that it runs in browsers too. */
import {
  type AdminInput,
  type AdminOperationName,
  type AdminOutput,
  adminBasePath,
  adminOperation,
  type ConnectCall,
  type ConnectInput,
  type ConnectOutput,
  connectCalls,
  encodePurpose,
  etagOf,
  purposeHeader,
} from '@lobbykey/contract/admin'
import { bytesMax, textOf } from '../shared/bounded-answer.ts'
import { givenBaseUrl } from '../shared/given.ts'
import { attemptUntil } from '../shared/repeat.ts'
import { AdminError, type Problem } from './admin-error.ts'
import { type Exchange, sendAgain } from './send-again.ts'

export { AdminError, type Problem } from './admin-error.ts'

export interface AdminClientOptions {
  /** Origin of the admin listener: `https://admin.example.com`. */
  readonly baseUrl: string
  /** An API token, `lk_…`; absent in a browser that is signed in. */
  readonly token?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long a call may take in all, with its repeats; default 60 s. */
  readonly deadlineMs?: number
  readonly fetch?: typeof fetch
  /** Told when the server asks to wait (429), which calls do by themselves up to 10 s. */
  readonly onWait?: (pauseMs: number) => void
}

export interface CallOptions {
  /** ETag of what was read (`etagOf`): the change is refused if somebody changed it since. Default: whatever is there is changed. */
  readonly ifMatch?: string
  /** Lets you repeat a create; default: a new one for each call and its own repeats. */
  readonly idempotencyKey?: string
  /** Only checks the request and answers as if it were done. */
  readonly validateOnly?: boolean
  /** Why members' data is read, such as the number of a ticket: kept in the event that the read leaves. Up to 200 characters on one line. */
  readonly purpose?: string
  readonly signal?: AbortSignal
}

export class AdminClient {
  readonly #baseUrl: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #deadlineMs: number
  readonly #fetch: typeof fetch
  readonly #onWait: ((pauseMs: number) => void) | undefined

  /** @throws TypeError for a base URL that is none */
  constructor({ baseUrl, token, headers = {}, deadlineMs = 60_000, fetch: send = fetch, onWait }: AdminClientOptions) {
    this.#baseUrl = givenBaseUrl(baseUrl)
    this.#headers = { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    this.#deadlineMs = deadlineMs
    this.#fetch = send
    this.#onWait = onWait
  }

  /**
   * Asks for an operation. After a lost answer or 503 the same request is repeated where that does nothing twice: reads, and creates, by their
   * Idempotency-Key; after 429, which did nothing, always.
   * @throws AdminError
   */
  async run<Name extends AdminOperationName>(name: Name, input: AdminInput<Name>, options: CallOptions = {}): Promise<AdminOutput<Name>> {
    const { method, kind } = adminOperation(name)
    const named = { ...(kind === 'create' ? { idempotencyKey: crypto.randomUUID() } : {}), ...options }
    const requestOf = (signal: AbortSignal) => this.#requestOf(name, input, { ...named, signal })
    return (await this.#ask(requestOf, method === 'GET' || kind === 'create', options.signal)) as AdminOutput<Name>
  }

  /**
   * How a program without a token gets one through an operator's browser: `request`, show the user `verificationUrl` and `userCode`, then `poll` every
   * `pollSeconds` until the state is neither `pending` nor `slow-down`.
   * @throws AdminError
   */
  async connect<Call extends ConnectCall>(call: Call, input: ConnectInput<Call>, signal?: AbortSignal): Promise<ConnectOutput<Call>> {
    const requestOf = (deadline: AbortSignal): [string, RequestInit] => [
      `${this.#baseUrl}${adminBasePath}${connectCalls[call].path}`,
      {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json', ...this.#headers },
        redirect: 'error',
        body: JSON.stringify(input),
        signal: deadline,
      },
    ]
    return (await this.#ask(requestOf, false, signal)) as ConnectOutput<Call>
  }

  /** @throws AdminError */
  async #ask(requestOf: (signal: AbortSignal) => [string, RequestInit], isRepeatable: boolean, given?: AbortSignal): Promise<unknown> {
    const end = performance.now() + this.#deadlineMs
    const { response, body } = await attemptUntil(end, (deadline) => {
      const signal = given === undefined ? deadline : AbortSignal.any([deadline, given])
      const ask = () => exchange(() => this.#fetch(...requestOf(signal)))
      return sendAgain(ask, { isRepeatable, end, signal, onWait: this.#onWait })
    })
    if (!response.ok) throw AdminError.of(response, body as Partial<Problem> | null)
    return body
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
    if (options.purpose !== undefined) headers[purposeHeader] = encodePurpose(options.purpose)
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

/** @throws AdminError */
async function exchange(request: () => Promise<Response>): Promise<Exchange> {
  const [response, text] = await readWhole(request)
  if (text === null) throw AdminError.of(response, { detail: `the answer is larger than ${bytesMax} bytes` })
  try {
    return { response, body: JSON.parse(text) }
  } catch {
    if (response.ok) throw AdminError.of(response, { detail: 'the answer is no JSON: is this the address of an admin listener?' })
    return { response, body: null }
  }
}

async function readWhole(request: () => Promise<Response>): Promise<[Response, string | null]> {
  try {
    const response = await request()
    return [response, await textOf(response)]
  } catch (error) {
    throw AdminError.notReached(error)
  }
}
