import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessionGuard, createVerifier, VerifyError } from 'lobbykey-client/verify'
import { readEvents } from '../src/verify/event-stream.ts'

const baseUrl = 'https://login.example.com'

/** 32 MiB: more than any client reads, and an end, so that a client without bounds comes to one as well. */
function endless(): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode(' '.repeat(64 * 1024))
  let left = 512
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(piece)
      else controller.close()
    },
  })
}

const answerEndless = async () => new Response(endless())

test('a verifier gives up a feed that is larger than any', async () => {
  const verifier = createVerifier({ issuer: baseUrl, fetch: answerEndless })
  await assert.rejects(verifier.verify('a.b.c'), isTooLarge)
})

test('a session guard gives up an answer that is larger than any', async () => {
  const guard = createSessionGuard({ baseUrl, serviceId: 'game', secret: 's', fetch: answerEndless })
  try {
    await assert.rejects(guard.check({ handle: 'h' }), isTooLarge)
  } finally {
    guard.close()
  }
})

test('an event without end is given up: in one line, and in many', async () => {
  const lines = endless().pipeThrough(
    new TransformStream({
      transform: (piece, controller) => controller.enqueue(piece.map((_: number, at: number) => dataLine[at % 8] ?? 0)),
    }),
  )
  for (const stream of [endless(), lines]) await assert.rejects(Array.fromAsync(readEvents(stream)), /an event is longer than/)
})

const dataLine = new TextEncoder().encode('data: x\n')

function isTooLarge(error: unknown): boolean {
  assert.ok(error instanceof VerifyError)
  assert.equal(error.reason, 'unsure')
  assert.match(String((error.cause as Error).message), /larger than/)
  return true
}
