/**
 * A gateway that answers by script: it loses answers, cuts connections, lies about its clock. Every signature is computed anew from the
 * contract; what is not right is noted as a fault.
 */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { canonicalString, clientFacts, type SigningAlgorithmId, signedCalls, signedNames, timestampWindowMs } from '@lobbykey/contract'
import type { ConformanceCase, ScriptedAnswer } from './conformance-case.ts'
import { sendJson, sendScripted } from './scripted-answer.ts'

export interface MerchantSetUp {
  readonly agentId: string
  readonly key: string
  readonly algorithm: SigningAlgorithmId
  readonly callback: 'unsigned' | 'signed'
}

interface Request {
  readonly method: string
  readonly path: string
  readonly bearer: string
  readonly contentType: string
  /** Body, or query of a GET. */
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

export class FakeGateway {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #case: ConformanceCase | null = null
  #merchant: MerchantSetUp | null = null
  #script: (ScriptedAnswer | null)[] = []
  #logins = 0
  /** Path that the requests of this case begin with: those of an earlier one, which come late, are of no interest. */
  #prefix = ''
  #cases = 0
  #origin = ''
  /** What was asked for, a word or two each. */
  requests: string[] = []
  /** Signed requests as they came. */
  texts: string[] = []
  faults: string[] = []

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** What the client of this case takes for the gateway. */
  begin(conformanceCase: ConformanceCase, merchant: MerchantSetUp): string {
    const { basePath = '' } = conformanceCase
    const baseUrl = `${this.#origin}/case-${++this.#cases}${basePath}`
    this.#prefix = new URL(baseUrl).pathname.replace(/\/+$/, '')
    this.#case = conformanceCase
    this.#merchant = merchant
    this.#script = [...conformanceCase.answers]
    this.#logins = 0
    this.requests = []
    this.texts = []
    this.faults = []
    return baseUrl
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const request = await readRequest(message, this.#prefix)
    if (request === null) return response.destroy()
    response.setHeader('x-request-id', `fake-${this.requests.length}`)
    response.setHeader('content-type', 'application/json')
    if (request.path.startsWith(clientFacts.sellerPath)) return this.#answerSeller(request, response)
    return this.#answerMember(request, response)
  }

  #answerMember(request: Request, response: ServerResponse): unknown {
    const call = signedCalls.find(({ path, method }) => path === request.path && method === request.method)
    this.requests.push(call?.name ?? request.path)
    this.texts.push(request.text)
    if (call === undefined || this.#merchant === null) return sendJson(response, 404, { code: 408000, message: 'no such path', data: {} })
    const { key, algorithm, callback } = this.#merchant
    const canonical = canonicalString(request.fields, signedNames(call, callback))
    if (request.fields.sign !== digests[algorithm](canonical, key)) this.faults.push(`${call.name}: sign is not the digest of ${canonical}`)
    const unknown = Object.keys(request.fields).find((name) => !Object.hasOwn(call.schema.properties, name))
    if (unknown !== undefined) this.faults.push(`${call.name}: ${unknown} is no field`)
    if (call.name === 'login' && !request.fields.token) this.faults.push('login: no session token')
    this.#compareFields(request)

    const now = Date.now() + (this.#case?.clockMs ?? 0)
    if (Math.abs(Number(request.fields.timestamp) - now) > timestampWindowMs) return sendStale(response, request, now)
    const scripted = this.#script.shift() ?? 'ok'
    if (typeof scripted === 'object' && scripted.stale !== undefined) return sendStale(response, request, Date.now() + scripted.stale)
    const data = call.name.endsWith('login') ? { url: 'https://lobby.example/', token: request.fields.token ?? 'guest' } : {}
    return sendScripted(response, scripted, { code: 200, message: 'success', data }, 'member')
  }

  /** The fields of the case, as they were given, but for those that are empty. */
  #compareFields({ path, fields }: Request): void {
    const given = this.#case?.calls.find(({ do: name }) => clientFacts.calls[name]?.path === path)?.fields ?? {}
    const clearable = path.endsWith('/update') ? ['desc'] : []
    for (const [name, value] of Object.entries(given)) {
      // The client makes one.
      if (name === 'token' && value === '') continue
      const expected = value === '' && !clearable.includes(name) ? undefined : value
      if (this.#case?.calls.length === 1 && JSON.stringify(fields[name]) !== JSON.stringify(expected)) {
        this.faults.push(`${name} came as ${JSON.stringify(fields[name])}`)
      }
      if (clearable.includes(name) && fields[name] !== value) this.faults.push(`${name} has to be sent empty`)
    }
  }

  #answerSeller(request: Request, response: ServerResponse): unknown {
    const name = request.path.slice(clientFacts.sellerPath.length + 1)
    const detail = name === 'login' ? '' : ` ${name === 'refresh' ? request.fields.refreshToken : request.bearer}`
    this.requests.push(name + detail)
    const scripted = this.#script.shift() ?? 'ok'
    this.#compareBody(name, request)
    const isTold = scripted === 'ok' || scripted === 'advice' || (typeof scripted === 'object' && scripted.afterMs !== undefined)
    if (isTold && (name === 'login' || name === 'refresh')) this.#logins++
    return sendScripted(
      response,
      scripted,
      { code: '0000', msg: 'Success', time: new Date().toISOString(), data: this.#sellerData(name) },
      'seller',
    )
  }

  /** What a caller sends comes whole, each time. */
  #compareBody(name: string, { text }: Request): void {
    const given = this.#case?.calls.find(({ fields }) => fields?.path === `${clientFacts.sellerPath}/${name}`)?.fields?.body
    if (given !== undefined && text !== given) this.faults.push(`${name}: the body came as ${text}`)
  }

  #sellerData(name: string): object {
    if (name === 'me') return { sellerId: 's1', email: 'seller@example.com', expiresAt: new Date().toISOString() }
    if (name === 'logout') return {}
    const { expiresIn = 3600 } = this.#case ?? {}
    // Only the first pair is short-lived, so that a case comes to an end.
    const seconds = this.#logins === 1 ? expiresIn : 3600
    return { accessToken: `A${this.#logins}`, tokenType: 'Bearer', expiresIn: seconds, refreshToken: `R${this.#logins}` }
  }
}

/** Null for one of an earlier case. */
async function readRequest(message: IncomingMessage, prefix: string): Promise<Request | null> {
  const pieces: Buffer[] = []
  for await (const piece of message) pieces.push(piece as Buffer)
  const { url = '' } = message
  if (!url.startsWith(`${prefix}/`)) return null
  const [path = '', query = ''] = url.slice(prefix.length).split('?')
  const text = message.method === 'GET' ? query : Buffer.concat(pieces).toString()
  const fields = message.method === 'GET' ? Object.fromEntries(new URLSearchParams(query)) : text === '' ? {} : JSON.parse(text)
  const { authorization = '', 'content-type': contentType = '' } = message.headers
  return { method: message.method ?? '', path, bearer: authorization.replace('Bearer ', ''), contentType, text, fields }
}

function sendStale(response: ServerResponse, { fields }: Request, now: number): void {
  const message = `Request Parameter Error: timestamp ${fields.timestamp} is 660 s behind the server's clock, ${now}; it may be 600 s off`
  sendJson(response, 200, { code: 408000, message, data: {} })
}

/** Written independently from the contract's rows. */
const digests: Readonly<Record<SigningAlgorithmId, (canonical: string, key: string) => string>> = {
  md5: (canonical, key) => createHash('md5').update(`${key}&${canonical}`).digest('hex'),
  'hmac-sha256': (canonical, key) => createHmac('sha256', key).update(canonical).digest('hex'),
}
