/**
 * Answers with a single writeHead, bypassing the reply and its hooks: for calls made thousands of times a second. Headers are names and values
 * alternating, besides those of every answer.
 */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { jsonType } from './response-headers.ts'

export const jsonHeaders: readonly string[] = ['content-type', jsonType]

/** Sends the answer now. */
export function answerAtOnce(reply: FastifyReply, headers: readonly string[], body: string, status = 200): void {
  writeHead(reply, headers, body, status).end(body)
}

/**
 * Sends the answer together with all others of this turn of the event loop: for calls answered from memory. Each answer sent separately wakes a
 * sleeping caller, which under load takes longer than making the answer.
 */
export function answerTogether(reply: FastifyReply, headers: readonly string[], body: string): void {
  if (made.push({ response: writeHead(reply, headers, body, 200), body }) === 1) setImmediate(sendMade)
}

let made: { readonly response: ServerResponse; readonly body: string }[] = []

function sendMade(): void {
  const answers = made
  made = []
  for (const { response, body } of answers) response.end(body)
}

function writeHead(reply: FastifyReply, headers: readonly string[], body: string, status: number): ServerResponse {
  const common = ['x-request-id', reply.request.id, 'cache-control', 'no-store', 'content-length', String(Buffer.byteLength(body))]
  const { corsHeaders } = reply.request
  reply.hijack()
  return reply.raw.writeHead(status, [...reply.server.securityHeaders, ...common, ...headers, ...(corsHeaders ?? [])])
}
