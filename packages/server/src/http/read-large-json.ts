import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { GatewayError, type StrictJsonLimits } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { readJsonBody } from './json-body.ts'

/** Smaller bodies are parsed faster than a thread starts. */
const ownThreadBytesMin = 256 * 1024

export interface LargeJson {
  readonly bytes: Uint8Array
  readonly limits: StrictJsonLimits
}

export type ParsedJson = { readonly value: Record<string, unknown> } | { readonly problem: string }

/** The same as `readJsonBody`, large bodies in a thread. @throws GatewayError invalid_body */
export async function readLargeJson(request: FastifyRequest, limits: StrictJsonLimits): Promise<Record<string, unknown>> {
  if (!Buffer.isBuffer(request.body) || request.body.length < ownThreadBytesMin) return readJsonBody(request, limits)
  const worker = new Worker(new URL('./json-worker.ts', import.meta.url), {
    workerData: { bytes: request.body, limits } satisfies LargeJson,
  })
  try {
    const [parsed] = (await once(worker, 'message')) as [ParsedJson]
    if ('problem' in parsed) throw new GatewayError('invalid_body', { message: parsed.problem })
    return parsed.value
  } finally {
    await worker.terminate()
  }
}
