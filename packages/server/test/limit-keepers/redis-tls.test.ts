/** Limits in a Redis reachable by TLS only, from a separate server process, since trust is configured at its start. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Redis } from 'ioredis'
import { temporaryFolder } from '../cli/command-line.ts'
import { missingProgram } from '../support/missing-program.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const skip = RedisServer.missing() || missingProgram('openssl')
const password = 'walnut-harbour-lantern'
const notShared = 'rate limits are not shared now'

/** A self-signed certificate for 127.0.0.1. */
async function makeCertificate(t: TestContext) {
  const folder = await temporaryFolder(t)
  const [certificate, key] = [join(folder, 'redis.crt'), join(folder, 'redis.key')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', certificate, ...subject]
  execFileSync('openssl', words, { stdio: 'ignore' })
  return { certificate, key }
}

async function startBehindTls(t: TestContext, env: (certificate: string) => Readonly<Record<string, string>>) {
  const { certificate, key } = await makeCertificate(t)
  const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no']
  const redis = await RedisServer.start(['--requirepass', password], { tls })
  t.after(() => redis.kill())
  const server = await ServerProcess.start(['sandbox'], {
    DATABASE_URL: `sqlite:${join(await temporaryFolder(t), 'lobbykey.db')}`,
    REDIS_URL: `rediss://:${password}@127.0.0.1:${redis.port}`,
    ...env(certificate),
  })
  t.after(() => server.stop())
  // Any call counts against its address.
  await fetch(`${server.origin}/api/member/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  return { redis, server, certificate }
}

test('a certificate trusted through NODE_EXTRA_CA_CERTS is accepted, and limits are kept there', { skip }, async (t) => {
  const { redis, server, certificate } = await startBehindTls(t, (path) => ({ NODE_EXTRA_CA_CERTS: path }))
  const client = new Redis({ host: '127.0.0.1', port: redis.port, password, tls: { ca: readFileSync(certificate) } })
  const [memory, commands] = await Promise.all([client.info('memory'), client.info('commandstats')])
  client.disconnect()
  // Keys expire within three seconds; the counting script stays.
  assert.match(memory, /number_of_cached_scripts:1\r/)
  assert.match(commands, /cmdstat_evalsha:calls=[2-9]/)
  assert.ok(!server.output.includes(notShared), server.output)
})

test('an untrusted certificate is refused: limits are kept locally, and a log line says why', { skip }, async (t) => {
  const { server } = await startBehindTls(t, () => ({}))
  await until(
    async () => server.output.includes(notShared),
    () => server.output,
  )
  assert.match(server.output, /self-signed certificate/)
  assert.ok(!server.output.includes(password))
})
