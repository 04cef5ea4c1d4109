import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { until } from '../support/until.ts'

let gateway: TestGateway
let port: number
before(async () => {
  gateway = await startTestGateway()
  port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
})
after(() => gateway.close())

test('[check 90] from the start of the drain /readyz is 503, and every request is still served with Connection: close', async () => {
  const body = JSON.stringify(signed(loginBody(gateway.clock.now())))
  const head = `POST /api/member/login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  const kept = await open()
  kept.socket.write(head + body)
  await kept.until('"code":200')
  assert.doesNotMatch(kept.text(), /connection: close/i)

  const underWay = await open()
  underWay.socket.write(head + body.slice(0, 10))
  const arrived = await open()
  arrived.socket.write(`GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  await arrived.until('"ok"')

  gateway.drain()
  underWay.socket.write(body.slice(10))
  for (const connection of [underWay, kept]) {
    if (connection === kept) kept.socket.write(head + body)
    await once(connection.socket, 'close')
    assert.match(connection.text(), /connection: close[\s\S]*"code":200/i)
  }
  arrived.socket.write(`GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  await once(arrived.socket, 'close')
  assert.match(arrived.text(), /HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"stopping"/i)
  const fresh = await open()
  fresh.socket.write(head + body)
  await once(fresh.socket, 'close')
  assert.match(fresh.text(), /connection: close[\s\S]*"code":200/i)
})

interface Connection {
  readonly socket: Socket
  text(): string
  until(what: string): Promise<void>
}

async function open(): Promise<Connection> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  await once(socket, 'connect')
  let text = ''
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  return {
    socket,
    text: () => text,
    until: (what) =>
      until(
        () => text.includes(what),
        () => `${what} in ${text}`,
      ),
  }
}
