/** The program of docs/sandbox.md completes a certificate, but for the rotation, which the page continues with. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { addOperator, addToken, adminCall } from '../support/admin-calls.ts'
import { startTestGateway } from '../support/gateway.ts'
import { freePort } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

test('docs/sandbox.md: the program completes a certificate', async () => {
  const text = readFileSync(`${root}docs/sandbox.md`, 'utf8').split('## A complete certificate')[1] ?? assert.fail()
  const program = /^```js\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? assert.fail()
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const gateway = await startTestGateway({ settings: { publicUrl: origin, ratePerMerchant: 2, adminPort: 8081 } })
  gateway.clock.advance(Date.now() - gateway.clock.now())
  // The client waits in real time.
  const ticking = setInterval(() => gateway.clock.advance(50), 50)
  try {
    await gateway.app.listen({ host: '127.0.0.1', port })
    const source = program.replaceAll('http://127.0.0.1:8080', origin)
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], { cwd: root, timeout: 60_000 })
    gateway.clock.advance(31_000)
    await Promise.all([gateway.flushConduct(), gateway.flushClocks()])
    const token = await addToken(gateway, await addOperator(gateway, 'auditor'))
    const { json } = await adminCall(gateway, token, 'GET', '/merchants/agent001/certificate')
    const open = (json.items as { item: string; todo: string | null }[]).filter(({ todo }) => todo !== null)
    assert.deepEqual(
      open.map(({ item }) => item),
      ['rotation'],
    )
  } finally {
    clearInterval(ticking)
    await gateway.close()
  }
})
