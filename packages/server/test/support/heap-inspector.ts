import { once } from 'node:events'

/** Node.js's inspector of a process that runs with `--inspect=127.0.0.1:PORT`: has it collect its garbage. */
export class HeapInspector {
  readonly #socket: WebSocket
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  static async connect(port: number): Promise<HeapInspector> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { webSocketDebuggerUrl: string }[]
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '')
    await once(socket, 'open')
    return new HeapInspector(socket)
  }

  /** Resolves when a full collection has ended. */
  async collect(): Promise<void> {
    const id = ++this.#lastId
    this.#socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }))
    for (;;) {
      const [message] = (await once(this.#socket, 'message')) as [MessageEvent]
      if ((JSON.parse(String(message.data)) as { id?: number }).id === id) return
    }
  }

  close(): void {
    this.#socket.close()
  }
}
