import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import pino from 'pino'
import { startTestGateway } from '../support/gateway.ts'
import { login, wrongPassword } from '../support/seller-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'

for (const logCalls of ['off', 'errors', 'all'] as const) {
  test(`LOG_CALLS=${logCalls}: which calls are logged, without secrets or personal data`, async () => {
    const lines: Record<string, unknown>[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)))
        done()
      },
    })
    const gateway = await startTestGateway({ settings: { logCalls, logLevel: 'info' }, logger: pino({ level: 'info' }, stream) })
    try {
      const accepted = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now())))
      await gateway.post('/api/member/login', { ...signed(loginBody(gateway.clock.now())), sign: '0'.repeat(32) })
      await login(gateway, { password: wrongPassword })
      const calls = lines.filter(({ msg }) => msg === 'call')
      const expected = { off: [], errors: ['600100', '1001'], all: ['200', '600100', '1001'] }[logCalls]
      const codes = calls.map(({ code }) => code)
      assert.deepEqual(codes.slice(0, expected.length - 1), expected.slice(0, -1))
      assert.equal(codes.length, expected.length)
      assert.doesNotMatch(JSON.stringify(calls), /uid001|token-|@|not the right password/)
      if (logCalls === 'all') {
        const { requestId, api, call, outcome, ms, agentId } = calls[0] ?? {}
        assert.deepEqual(
          [requestId, api, call, outcome, agentId],
          [accepted.headers['x-request-id'], 'member-api', 'login', 'accepted', 'agent001'],
        )
        assert.equal(typeof ms, 'number')
        assert.equal(calls[1]?.key, 'bad_signature')
      }
    } finally {
      await gateway.close()
    }
  })
}
