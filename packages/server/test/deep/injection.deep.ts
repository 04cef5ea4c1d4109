/**
 * sqlmap on every parameter of strangers and partners (check 48). It cannot sign, so it sends its parameters to a relay in the test, which signs them
 * and calls the gateway.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { gameList, guestLogin, limitList, memberCreate, memberLock, memberLogin, memberLogout, memberUpdate } from '@lobbykey/contract'
import { ownForm } from '../support/enter-lobby.ts'
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { missingProgram } from '../support/missing-program.ts'
import { loginTokens } from '../support/seller-calls.ts'
import { addService, basic, postForm } from '../support/service-calls.ts'
import { signed } from '../support/signed-body.ts'
import { sampleBody, sendBody } from '../support/signed-calls.ts'
import { testStores } from '../support/stores.ts'

/** Time per target; the figures say how far it got. */
const targetMsMax = 60_000

interface Target {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
  readonly send: (parameters: Record<string, string>) => Promise<Answer>
}

async function targetsOf(gateway: TestGateway): Promise<Target[]> {
  const calls = [memberLogin, memberCreate, memberUpdate, memberLock, memberLogout, guestLogin, gameList, limitList]
  const signedTargets = calls.map((call): Target => {
    const { timestamp, ...fields } = sampleBody(call, gateway.clock.now())
    const parameters = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
    const send = (changed: Record<string, string>) => {
      gateway.clock.advance(1)
      return sendBody(gateway, call, signed({ ...sampleBody(call, gateway.clock.now()), ...changed }, { call }))
    }
    return { name: call.path, parameters, send }
  })
  const { accessToken, refreshToken } = await loginTokens(gateway)
  const service = { headers: basic(await addService(gateway)) }
  const form = (path: string) => (changed: Record<string, string>) => postForm(gateway, path, changed, service)
  const json = (path: string) => (changed: Record<string, string>) => {
    gateway.clock.advance(61_000)
    return gateway.post(path, changed)
  }
  return [
    ...signedTargets,
    { name: 'seller login', parameters: { email: 'ops@acme.example', password: 'wrong' }, send: json('/merchant-api/seller/auth/login') },
    { name: 'seller refresh', parameters: { refreshToken }, send: json('/merchant-api/seller/auth/refresh') },
    { name: 'introspection', parameters: { token: accessToken }, send: form('/oauth/introspect') },
    { name: 'session check', parameters: { agent_id: 'agent001', token: 'token-00000001' }, send: form('/session/check') },
    {
      name: 'lobby',
      parameters: { token: 'token-00000001' },
      send: (changed) =>
        gateway.request('POST', '/lobby', {
          headers: ownForm(gateway),
          body: String(new URLSearchParams({ agent_id: 'agent001', ...changed })),
        }),
    },
  ]
}

for (const storeKind of testStores()) {
  test(`[check 48] sqlmap finds nothing in any parameter (${storeKind.name})`, { skip: missingProgram('sqlmap') }, async (t) => {
    const gateway = await startTestGateway({ storeKind })
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-sqlmap-'))
    t.after(async () => {
      await gateway.close()
      rmSync(folder, { recursive: true })
    })
    for (const target of await targetsOf(gateway)) {
      let count = 0
      const broken: string[] = []
      const relay = createServer(async (request, response) => {
        let text = ''
        for await (const part of request.setEncoding('utf8')) text += part
        const answer = await target.send(Object.fromEntries(new URLSearchParams(text)))
        count++
        if (answer.status >= 500) broken.push(`${text}: ${answer.status} ${answer.text}`)
        response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.text)
      })
      relay.listen(0, '127.0.0.1')
      await once(relay, 'listening')
      const { port } = relay.address() as { port: number }
      const words = ['-u', `http://127.0.0.1:${port}/`, '--data', new URLSearchParams(target.parameters).toString()]
      const bounds = [
        '--batch',
        '--level',
        '3',
        '--risk',
        '2',
        '--technique',
        'BEUQS',
        '--flush-session',
        '--ignore-code',
        '401',
        '--output-dir',
        folder,
      ]
      const dbms = ['--dbms', storeKind.name === 'sqlite' ? 'sqlite' : 'postgresql']
      const names = ['-p', Object.keys(target.parameters).join(',')]
      const ended = await promisify(execFile)('sqlmap', [...words, ...names, ...bounds, ...dbms], {
        timeout: targetMsMax,
        maxBuffer: 1 << 26,
        env: { ...process.env, HOME: folder },
      }).catch((error: { stdout: string; killed: boolean }) => error)
      relay.closeAllConnections()
      relay.close()
      const isCut = 'killed' in ended && ended.killed
      const tested = ended.stdout.match(/parameter '[^']+' does not seem to be injectable/g)?.length ?? 0
      t.diagnostic(
        `${storeKind.name}, ${target.name}: ${tested} of ${Object.keys(target.parameters).length} parameters done, ${count} requests${isCut ? `, cut after ${targetMsMax / 1_000} s` : ''}`,
      )
      assert.doesNotMatch(
        ended.stdout,
        /identified the following injection point|parameter '.*' is (?:vulnerable|.*injectable\b)(?<!not be injectable)/i,
      )
      assert.deepEqual(broken.slice(0, 3), [])
      assert.ok(count > 50, ended.stdout.slice(-500))
    }
  })
}
