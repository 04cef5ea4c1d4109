import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { identityHeaders, looksLikeIdentity } from '../identity-headers.ts'

/** Where callers reach this server. */
export interface Origin {
  readonly scheme: string
  readonly host: string
}

type Headers = Record<string, string | string[] | undefined>

/** RFC 9110 section 7.6.1, and what ends here by its meaning. What `Connection` names besides goes too. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
])
/** A caller's word about where it is, what it asked for and who it is; only a proxy's counts, and that is us. */
const toldByProxies =
  /^(?:forwarded|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|x-original-.*|x-rewrite-.*|x-request-id)$/
const webSocketOpening = /^sec-websocket-/

/** What of a request's headers goes on to the upstream, with who it is from in place of whatever the caller said about that. */
export function requestHeaders(request: FastifyRequest, headers: Headers, { scheme, host }: Origin): Headers {
  const identity = request.accessIdentity
  if (identity === null) throw new Error('a request goes on before it is known whose it is')
  const passed = withoutHopByHop(headers)
  for (const name of Object.keys(passed)) {
    const plain = name.toLowerCase().replaceAll('_', '-')
    if (looksLikeIdentity(name) || toldByProxies.test(plain) || webSocketOpening.test(plain)) delete passed[name]
  }
  // Bodies of these are not read, so there is nothing to announce.
  if (request.method === 'GET' || request.method === 'HEAD') delete passed['content-length']
  return {
    ...passed,
    ...identityHeaders(identity),
    'x-request-id': request.id,
    'x-forwarded-proto': scheme,
    'x-forwarded-host': host,
    ...(request.clientAddress === null ? {} : { 'x-forwarded-for': request.clientAddress }),
  }
}

/** What of an upstream's answer goes back. */
export function answerHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { 'x-request-id': _ours, ...passed } = withoutHopByHop(headers)
  return passed
}

function withoutHopByHop(headers: Headers): Headers {
  const named = new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(/[\s,]+/),
  )
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)))
}
