import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { BrowserOrigins } from '../cors.ts'
import { identityHeaders } from '../identity-headers.ts'
import { settingNoneOfOurs, withoutOwnCookies } from '../own-cookies.ts'

/** Where callers reach this server. */
export interface Origin {
  readonly scheme: string
  readonly host: string
}

type Headers = Record<string, string | string[] | undefined>

/** What of a caller's headers means something to a service and nothing to a proxy: RFC 9110, cookies, fetch, tracing. */
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

/** Of an answer: RFC 9110 section 7.6.1, and what is said to a proxy, about this whole host, which is not the service's, or by whose pages it may be read, which `BROWSER_ORIGINS` says. */
const endsHere =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|x-request-id|x-accel-.*|x-sendfile.*|x-lighttpd-send-file|alt-svc|clear-site-data|strict-transport-security|service-worker-allowed|access-control-.*)$/

/** The names of headers that go on to upstreams, in lower case. @param own a deployment's own, beside the list */
export function passedHeaders(own: readonly string[]): ReadonlySet<string> {
  return new Set([...passedNames, ...own])
}

/** What of a request's headers goes on to the upstream, with who it is from. @param passed as `passedHeaders` gives it */
export function requestHeaders(request: FastifyRequest, headers: Headers, { scheme, host }: Origin, passed: ReadonlySet<string>): Headers {
  const identity = request.accessIdentity
  if (identity === null) throw new Error('a request goes on before it is known whose it is')
  const named = namedByConnection(headers)
  // Bodies of these are not read, so there is nothing to announce.
  if (request.method === 'GET' || request.method === 'HEAD') named.add('content-length')
  const { cookie, ...others } = Object.fromEntries(Object.entries(headers).filter(([name]) => passed.has(name) && !named.has(name)))
  const passedCookies = cookie === undefined ? undefined : withoutOwnCookies(String(cookie))
  return {
    ...others,
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
  /** Origin and path, without a slash at the end. */
  readonly publicUrl: string
}

/** What of an upstream's answer goes back. */
export function answerHeaders(headers: IncomingHttpHeaders, { browserOrigins, place }: AnswerPlace): IncomingHttpHeaders {
  const named = namedByConnection(headers)
  const { 'set-cookie': cookies, ...others } = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !endsHere.test(name) && !named.has(name)),
  )
  const set = cookies === undefined ? [] : settingNoneOfOurs([cookies].flat())
  if (browserOrigins === 'any' || browserOrigins.size > 0)
    others.vary = [others.vary, 'Origin'].filter((name) => name !== undefined).join(', ')
  for (const name of ['location', 'content-location']) {
    if (typeof others[name] === 'string') others[name] = publicAddress(others[name], place)
  }
  return set.length === 0 ? others : { ...others, 'set-cookie': set }
}

/**
 * An address that an upstream names, as its callers reach it: its own origin and paths become the public ones. Another's address, and one that is
 * public already, stays as it is.
 */
export function publicAddress(address: string, { url, publicUrl }: UpstreamPlace): string {
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
