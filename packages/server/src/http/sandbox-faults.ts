import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { catalogue, type ErrorKey, GatewayError } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'

const headerName = 'x-sandbox-fault'
const delayMsMax = 60_000
const form = `fail=KEY, fail=STATUS, delay=MS (up to ${delayMsMax}), cut or every=N (2 to 9), or several, comma-separated`
const inPath = /^\/fault\/([^/?#]+)(\/.*)$/s
/** Values of which somebody counts the requests; more than a sandbox gets. */
const valuesMax = 1_000

/** The fault that a request asks for. */
export interface SandboxFault {
  /** An error of the surface itself, or the bare HTTP status of a proxy in front; the call has no effect. */
  readonly fail: ErrorKey | number | null
  /** Delay of the answer; the call takes effect. */
  readonly delayMs: number
  /** The connection breaks in the middle of the answer; the call takes effect. */
  readonly isCut: boolean
  /** Of so many requests with the same value, the first is hit. */
  readonly every: number
}

/** Reads `X-Sandbox-Fault`: `fail=KEY`, `fail=STATUS`, `delay=MS`, `cut`, `every=N`, comma-separated. Null when it is malformed. */
export function parseSandboxFault(text: string): SandboxFault | null {
  let fault: SandboxFault = { fail: null, delayMs: 0, isCut: false, every: 1 }
  for (const word of text.split(',').map((part) => part.trim())) {
    const [, name, value = ''] = /^(fail|delay|cut|every)(?:=(.+))?$/.exec(word) ?? []
    if (name === 'cut' && value === '') fault = { ...fault, isCut: true }
    else if (name === 'every' && /^[2-9]$/.test(value)) fault = { ...fault, every: Number(value) }
    else if (name === 'delay' && /^\d{1,5}$/.test(value) && Number(value) <= delayMsMax) fault = { ...fault, delayMs: Number(value) }
    else if (name === 'fail' && /^[45]\d\d$/.test(value)) fault = { ...fault, fail: Number(value) }
    else if (name === 'fail' && Object.hasOwn(catalogue, value)) fault = { ...fault, fail: value as ErrorKey }
    else return null
  }
  return fault
}

/** `/fault/VALUE/…` is `/…` with the value as its `X-Sandbox-Fault`: for programs that are told a base URL and set no headers. */
export function takeSandboxFault(path: string, headers: IncomingHttpHeaders): string {
  const [, value, rest] = inPath.exec(path) ?? []
  if (value === undefined || rest === undefined) return path
  headers[headerName] ??= value
  return rest
}

/**
 * Lets integrators test how their program handles a slow, failed or lost answer. Called in the sandbox only, so that the header means nothing in
 * production.
 */
export function addSandboxFaults(app: FastifyInstance): void {
  const requests = new Map<string, number>()
  app.addHook('onRequest', (request, reply, done) => {
    const text = request.headers[headerName]
    if (text === undefined) return done()
    const fault = parseSandboxFault(String(text))
    if (fault !== null && fault.every > 1) {
      const before = requests.get(String(text)) ?? 0
      if (requests.size < valuesMax || before > 0) requests.set(String(text), before + 1)
      if (before % fault.every !== 0) return done()
    }
    if (fault !== null) delayAndCut(reply.raw, fault)
    if (fault === null) reply.code(400).type('text/plain').send(`X-Sandbox-Fault must be ${form}\n`)
    else if (fault.fail === null) done()
    else if (typeof fault.fail === 'number') reply.code(fault.fail).type('text/plain').send('made by X-Sandbox-Fault\n')
    else done(madeError(fault.fail))
  })
}

function madeError(key: ErrorKey): GatewayError {
  const message = 'made by X-Sandbox-Fault'
  return new GatewayError(key, catalogue[key].retry === 'later' ? { message, retryAfterMs: 1_000 } : { message })
}

/** Delays the end of an answer, or breaks the connection there, after the head and half of the body. */
function delayAndCut(response: ServerResponse, { delayMs, isCut }: SandboxFault): void {
  if (delayMs === 0 && !isCut) return
  const end = response.end.bind(response) as (payload: unknown) => ServerResponse
  const finish = (payload: unknown) => {
    if (!isCut) return end(payload)
    const body = Buffer.from(typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : '')
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
  }
  response.end = (payload?: unknown) => {
    if (delayMs === 0) finish(payload)
    else setTimeout(finish, delayMs, payload)
    return response
  }
}
