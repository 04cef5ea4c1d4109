import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fastify, { type FastifyInstance } from 'fastify'
import { EventStream } from '../../src/http/event-stream.ts'
import { EventStreamReader } from '../support/event-stream-reader.ts'

let app: FastifyInstance
let origin: string
let stream: EventStream
let closes = 0
before(async () => {
  app = fastify()
  app.get('/', (_request, reply) => {
    stream = new EventStream(reply, () => closes++)
    return reply
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => app.close())

test('what was sent before the end arrives, and later events break nothing', async () => {
  const reader = await EventStreamReader.open(origin, {})
  stream.send({ name: 'ended', data: { reason: 'kick' }, id: '7' })
  stream.end()
  stream.send({ name: 'heartbeat', data: {} })
  stream.end()
  assert.deepEqual(await reader.next(), { name: 'ended', id: '7', data: { reason: 'kick' } })
  assert.equal(await reader.next(), null)
})

test('[check 43] a reader that does not read loses its stream: its buffer is bounded', async () => {
  closes = 0
  const { port } = new URL(origin)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'readable')
  const text = 'x'.repeat(8_000)
  let bytes = 0
  // The system's own buffers hold some megabytes first.
  while (closes === 0 && bytes < 100_000_000) {
    stream.send({ name: 'news', data: { text } })
    bytes += text.length
    await setImmediate()
  }
  assert.equal(closes, 1)
  socket.destroy()
})
