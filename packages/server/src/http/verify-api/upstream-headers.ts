import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { spans } from '../../core/base/spans.ts'
import { readTraceHeaders } from '../../core/base/trace-headers.ts'
import type { BrowserOrigins } from '../cors.ts'
import { identityHeaders } from '../identity-headers.ts'
import { withoutOwnCookies, withoutOwnSetCookies } from '../own-cookies.ts'

/** Where callers reach this server. */
export interface Origin {
  readonly scheme: string
  readonly host: string
}

type Headers = Record<string, string | string[] | undefined>

/** Request headers that services use and that do not concern the proxy: RFC 9110, cookies, fetch, tracing. */
const passedNames = `
  accept accept-charset accept-encoding accept-language access-control-request-headers access-control-request-method
  authorization baggage cache-control content-digest content-disposition content-encoding content-language content-length
  content-range content-type cookie date digest dnt idempotency-key if-match if-modified-since if-none-match if-range
  if-unmodified-since last-event-id origin pragma prefer priority range referer repr-digest save-data sec-ch-ua sec-ch-ua-mobile
  sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc traceparent tracestate
  upgrade-insecure-requests user-agent want-content-digest want-repr-digest x-csrf-token x-requested-with
`
  .trim()
  .split(/\s+/)

/**
 * Response headers that are not forwarded: those of RFC 9110, section 7.6.1, those that speak to a proxy or for the whole host, and CORS, which
 * `BROWSER_ORIGINS` decides.
 */
const endsHere =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|x-request-id|x-accel-.*|x-sendfile.*|x-lighttpd-send-file|alt-svc|clear-site-data|strict-transport-security|service-worker-allowed|access-control-.*)$/

/** Names of headers that are forwarded to upstreams, in lower case. @param own a deployment's additions */
export function passedHeaders(own: readonly string[]): ReadonlySet<string> {
  return new Set([...passedNames, ...own])
}

/** The request headers for the upstream, with the caller's identity. @param passed from `passedHeaders` */
export function requestHeaders(request: FastifyRequest, headers: Headers, { scheme, host }: Origin, passed: ReadonlySet<string>): Headers {
  const identity = request.accessIdentity
  if (identity === null) throw new Error('a request goes on before it is known whose it is')
  const named = namedByConnection(headers)
  // Their bodies are not read, so there is nothing to announce.
  if (request.method === 'GET' || request.method === 'HEAD') named.add('content-length')
  const { cookie, traceparent, tracestate, baggage, ...others } = Object.fromEntries(
    Object.entries(headers).filter(([name]) => passed.has(name) && !named.has(name)),
  )
  const passedCookies = cookie === undefined ? undefined : withoutOwnCookies(String(cookie))
  const ownTraceparent = spans?.traceparentOf(request.id)
  return {
    ...others,
    ...readTraceHeaders({ traceparent, tracestate, baggage }),
    ...(ownTraceparent === undefined ? {} : { traceparent: ownTraceparent }),
    ...(passedCookies === undefined ? {} : { cookie: passedCookies }),
    ...identityHeaders(identity),
    'x-request-id': request.id,
    'x-forwarded-proto': scheme,
    'x-forwarded-host': host,
    ...(request.clientAddress === null ? {} : { 'x-forwarded-for': request.clientAddress }),
  }
}

/** Where an upstream's answers go. */
export interface AnswerPlace {
  readonly browserOrigins: BrowserOrigins
  readonly place: UpstreamPlace
}

/** Where an upstream is, and where its callers see it. */
export interface UpstreamPlace {
  readonly url: URL
  /** Origin and path, without a trailing slash. */
  readonly publicUrl: string
}

/** The response headers that are returned. */
export function answerHeaders(headers: IncomingHttpHeaders, { browserOrigins, place }: AnswerPlace): IncomingHttpHeaders {
  const named = namedByConnection(headers)
  const { 'set-cookie': cookies, ...others } = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !endsHere.test(name) && !named.has(name)),
  )
  const set = cookies === undefined ? [] : withoutOwnSetCookies([cookies].flat())
  if (browserOrigins === 'any' || browserOrigins.size > 0)
    others.vary = [others.vary, 'Origin'].filter((name) => name !== undefined).join(', ')
  for (const name of ['location', 'content-location']) {
    if (typeof others[name] === 'string') others[name] = publicAddress(others[name], place)
  }
  return set.length === 0 ? others : { ...others, 'set-cookie': set }
}

/** Rewrites an upstream's own address to the one its callers use. Foreign and already public addresses stay unchanged. */
function publicAddress(address: string, { url, publicUrl }: UpstreamPlace): string {
  const target = URL.parse(address, url)
  if (target === null || target.origin !== url.origin || !/^(?:https?:)?\//i.test(address)) return address
  const { origin, pathname: publicPath } = new URL(publicUrl)
  const base = url.pathname.replace(/\/$/, '')
  const { pathname: path, search, hash } = target
  const isPublic = isBelow(publicPath, path) && !isBelow(publicPath, base)
  if (!isPublic && !isBelow(base, path)) return address
  const isPathOnly = /^\/(?!\/)/.test(address)
  return `${isPathOnly ? '' : origin}${isPublic ? path : publicPath + path.slice(base.length)}${search}${hash}`
}

function isBelow(base: string, path: string): boolean {
  return `${path}/`.startsWith(`${base}/`)
}

function namedByConnection(headers: Headers): Set<string> {
  return new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(/[\s,]+/),
  )
}
