import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import pino from 'pino'
import { startTestGateway } from '../support/gateway.ts'

test('a failed request leaves one warning with its request ID, whether or not its answers are logged', async () => {
  const lines: { level: number; requestId?: string }[] = []
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const gateway = await startTestGateway({ logger: pino({ level: 'trace' }, sink) })
  const faulty = { headers: { 'x-sandbox-fault': 'fail=store_unavailable' } }
  const answers = [
    await gateway.post('/api/member/login', {}, faulty),
    await gateway.post('/merchant-api/seller/auth/login', {}, faulty),
    await gateway.request('GET', '/verify', faulty),
  ]
  for (const { status, headers } of answers) {
    assert.equal(status, 503)
    const levels = lines.filter(({ requestId }) => requestId === headers['x-request-id']).map(({ level }) => level)
    assert.deepEqual(levels, [pino.levels.values.warn])
  }
  await gateway.close()
})
