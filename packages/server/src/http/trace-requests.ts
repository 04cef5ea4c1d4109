import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CallSpans } from '../core/base/spans.ts'

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])

/**
 * A span for each request, by OpenTelemetry's conventions for HTTP. It has the route and never the path: paths name members and hold tokens.
 *
 * Call it before other hooks are added.
 */
export function traceRequests(app: FastifyInstance, spans: CallSpans): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { id: requestId, method, headers, raw } = request
    const { traceparent, tracestate } = headers
    const attributes = {
      'http.request.method': methodOf(method),
      'url.scheme': request.protocol,
      'network.protocol.version': raw.httpVersion,
      'lobbykey.request_id': requestId,
    }
    spans.begin({ requestId, attributes, traceparent, tracestate })
    const end = () => endSpan(spans, request, reply)
    // After the answer's own hooks, which still report the call.
    reply.raw.once('close', end)
    // A connection that went over to another protocol has no answer that closes.
    if (headers.upgrade !== undefined) raw.socket.once('close', end)
    // Fastify keeps the context while a body comes.
    spans.within(requestId, done)
  })
}

function endSpan(spans: CallSpans, { id, method, routeOptions, is404 }: FastifyRequest, { raw }: FastifyReply): void {
  const route = is404 ? undefined : routeOptions.url
  spans.end(id, {
    status: raw.headersSent ? raw.statusCode : undefined,
    name: route === undefined ? methodOf(method) : `${methodOf(method)} ${route}`,
    attributes: route === undefined ? {} : { 'http.route': route },
  })
}

function methodOf(method: string): string {
  return knownMethods.has(method) ? method : '_OTHER'
}
