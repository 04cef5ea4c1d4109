import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connectionsMaxOf } from '../../src/core/base/descriptors.ts'
import { aheadMax } from '../../src/http/connections/turns.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { sendRaw } from '../support/raw-request.ts'
import { RecordingServer } from '../support/recording-server.ts'
import { loginTokens } from '../support/seller-calls.ts'
import { until } from '../support/until.ts'

describe('connections', () => {
  let gateway: TestGateway
  let upstream: RecordingServer
  let port: number
  let accessToken: string
  before(async () => {
    upstream = await RecordingServer.start()
    const upstreams = [{ prefix: '/merchant-api/orders', url: `http://127.0.0.1:${upstream.port}` }]
    gateway = await startTestGateway({ settings: { upstreams, connectionsPerPeer: 8, keepAliveSeconds: 620 } })
    ;({ accessToken } = await loginTokens(gateway))
    port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
  })
  after(async () => {
    await gateway.close()
    await upstream.close()
  })

  const get = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`
  const order = (path: string) => get(`/merchant-api/orders${path}`, `Authorization: Bearer ${accessToken}\r\n`)
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  test('an idle connection stays open for as long as the setting says, and the answer tells so', async () => {
    const socket = await open()
    socket.write(get('/livez'))
    const [answer] = await once(socket, 'data')
    assert.match(String(answer), /^Keep-Alive: timeout=620\r$/im)
    socket.destroy()
  })

  test('[check 85] pipelined requests wait their turn: one at a time, in order', async () => {
    const held: ServerResponse[] = []
    upstream.received = []
    upstream.answer = (_request, response) => held.push(response)
    const socket = await open()
    let heard = ''
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
    socket.write(order('/1') + order('/2') + get('/livez') + order('/3'))
    await until(
      () => held.length === 1,
      () => 'the first to arrive',
    )
    // Meanwhile another connection is served.
    assert.match(await sendRaw(port, get('/livez', 'Connection: close\r\n')), /^HTTP\/1\.1 200 /)
    assert.deepEqual(
      upstream.received.map(({ url }) => url),
      ['/1'],
    )
    for (const expected of ['/2', '/3']) {
      held.shift()?.end('done')
      await until(
        () => held.length === 1,
        () => `${expected} to arrive`,
      )
      assert.equal(upstream.received.at(-1)?.url, expected)
    }
    held.shift()?.end('last')
    await until(
      () => heard.endsWith('last') || heard.includes('last\r\n'),
      () => heard,
    )
    assert.equal(heard.match(/HTTP\/1\.1 200 /g)?.length, 4)
    socket.destroy()
    upstream.answer = null
  })

  test('[check 85] a connection that pipelines too many requests is cut: none of the packet is started, and no more is read', async () => {
    upstream.received = []
    let response: ServerResponse | null = null
    upstream.answer = (_request: IncomingMessage, answer) => {
      response = answer
    }
    const socket = await open()
    let heard = ''
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
    socket.write(order('/1') + get('/livez').repeat(aheadMax))
    await until(
      () => response !== null,
      () => 'the first to arrive',
    )
    assert.equal(socket.destroyed, false)
    // As many as may wait: they are answered. One more would not be.
    ;(response as ServerResponse | null)?.end()
    await until(
      () => heard.match(/HTTP\/1\.1 200 /g)?.length === aheadMax + 1,
      () => heard.slice(0, 200),
    )
    const made = countRequests()
    socket.write(order('/2') + get('/livez').repeat(1_000))
    await once(socket, 'close')
    // Everything came in one or two packets; what followed the excess request was not even parsed.
    const count = made.stop()
    assert.ok(count <= aheadMax + 2, `${count} were read`)
    assert.deepEqual(
      upstream.received.map(({ url }) => url),
      ['/1'],
    )
    upstream.answer = null
  })

  /** Counts the requests that the server parses. */
  function countRequests(): { stop(): number } {
    let count = 0
    const listener = () => void count++
    gateway.app.server.prependListener('request', listener)
    return {
      stop: () => {
        gateway.app.server.removeListener('request', listener)
        return count
      },
    }
  }

  test("[check 85] one peer's connections are limited, and one more is refused until one is gone", async () => {
    await until(
      async () => (await connections()) === 0,
      () => 'no connection to be left',
    )
    const sockets = await Promise.all(Array.from({ length: 8 }, open))
    const refused = connect(port, '127.0.0.1').on('error', () => {})
    await new Promise((resolve) => refused.on('close', resolve))
    sockets[0]?.destroy()
    await until(
      async () => (await connections()) === 7,
      () => 'one to be gone',
    )
    assert.match(await sendRaw(port, get('/livez', 'Connection: close\r\n')), /^HTTP\/1\.1 200 /)
    for (const socket of sockets) socket.destroy()
  })

  const connections = () =>
    new Promise<number>((resolve, reject) => {
      gateway.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })

  test('[check 88] a peer that reads nothing for fifteen seconds is closed; one that reads a little is not', async () => {
    const piece = Buffer.alloc(65_536)
    const pump = (response: ServerResponse) => {
      while (response.write(piece));
      response.once('drain', () => pump(response))
    }
    upstream.answer = (_request, response) => pump(response)
    const [unread, slow] = [await open(), await open()]
    for (const socket of [unread, slow]) {
      socket.pause()
      socket.write(order('/large'))
    }
    let isClosed = false
    unread.on('close', () => {
      isClosed = true
    })
    let taken = 0
    const takeSome = async () => {
      const before = taken
      const chunk = (slow.read() ?? Buffer.alloc(0)) as Buffer
      taken += chunk.length
      return taken > before
    }
    slow.on('readable', () => {})
    // Until the buffers of both systems are full.
    await until(
      async () => {
        await takeSome()
        return taken > 8_000_000
      },
      () => `${taken} bytes`,
    )
    for (let second = 0; second < 16; second++) {
      const before = taken
      await until(
        async () => (await takeSome()) && taken > before + 1_000_000,
        () => `${taken} bytes`,
      )
      gateway.sweepConnections()
    }
    // Reading detects the end of a connection.
    unread.resume()
    await until(
      () => isClosed,
      () => 'the unread one to be closed',
    )
    assert.equal(slow.destroyed, false)
    slow.destroy()
    upstream.answer = null
  })

  test('descriptors are reserved for the store and the rest', () => {
    const settings = { databasePoolSize: 10, upstreams: [] }
    assert.equal(connectionsMaxOf(null, settings), null)
    assert.equal(connectionsMaxOf(65_536, settings), 49_152)
    assert.equal(connectionsMaxOf(1_024, settings), 768)
    assert.equal(connectionsMaxOf(1_024, { ...settings, upstreams: [1] }), 384)
    assert.equal(connectionsMaxOf(256, settings), 118)
    // No room: `serve` refuses to start.
    assert.equal(connectionsMaxOf(128, settings), -10)
  })
})
