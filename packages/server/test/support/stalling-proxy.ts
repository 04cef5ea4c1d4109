import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Forwards TCP to an address until told to stall: then connections stay open, and nothing comes through. */
export class StallingProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async start(host: string, port: number): Promise<StallingProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new StallingProxy(server, (server.address() as { port: number }).port)
    server.on('connection', (client) => proxy.#pass(client, connect(port, host)))
    return proxy
  }

  /** In front of a database. @returns the database's URL by way of the proxy */
  static async before(databaseUrl: string): Promise<{ readonly proxy: StallingProxy; readonly url: string }> {
    const url = new URL(databaseUrl)
    const proxy = await StallingProxy.start(url.hostname, Number(url.port))
    url.port = String(proxy.port)
    return { proxy, url: url.href }
  }

  stall(): void {
    this.#server.removeAllListeners('connection')
    this.#server.on('connection', (client) => this.#keep(client))
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #pass(client: Socket, server: Socket): void {
    this.#keep(client).pipe(this.#keep(server)).pipe(client)
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }
}
