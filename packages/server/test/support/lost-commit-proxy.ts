import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * Forwards connections to a PostgreSQL server, and can lose a commit's answer: the server has committed, and the client sees its connection break.
 * Works on unencrypted connections, whose statements it reads.
 */
export class LostCommitProxy {
  readonly url: string
  /** The commit of the next transaction that contains this text is done and its answer lost; then null. */
  loseCommitOf: string | null = null
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async start(databaseUrl: string): Promise<LostCommitProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { hostname, port, ...target } = partsOf(databaseUrl)
    target.url.host = `127.0.0.1:${(server.address() as { port: number }).port}`
    const proxy = new LostCommitProxy(server, target.url.href)
    server.on('connection', (client) => proxy.#forward(client, connect(port, hostname)))
    return proxy
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #forward(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    }
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
    let isMeant = false
    let isCommitting = false
    client.on('data', (bytes) => {
      if (bytes.includes('start transaction')) isMeant = false
      if (this.loseCommitOf !== null && bytes.includes(this.loseCommitOf)) isMeant = true
      if (isMeant && bytes.includes('commit\0')) isCommitting = true
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (!isCommitting) return client.write(bytes)
      this.loseCommitOf = null
      return client.destroy()
    })
  }
}

function partsOf(databaseUrl: string) {
  const url = new URL(databaseUrl)
  return { url, hostname: url.hostname, port: Number(url.port || 5432) }
}
