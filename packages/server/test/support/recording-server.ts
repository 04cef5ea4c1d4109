import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'

/** A business service that records requests and returns them; `answer` replaces its answer. */
export class RecordingServer {
  received: IncomingMessage[] = []
  answer: RequestListener | null = null
  readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      this.received.push(request)
      if (this.answer !== null) this.answer(request, response)
      else response.setHeader('x-upstream', 'yes').end(`upstream has ${request.method} ${request.url}`)
    })
  }

  static async start(): Promise<RecordingServer> {
    const recording = new RecordingServer()
    recording.server.listen(0, '127.0.0.1')
    await once(recording.server, 'listening')
    return recording
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Headers of the only request since `received` was cleared, by name with non-alphanumerics as `-`, each as often as sent. */
  headersByPlainName(): Map<string, string[]> {
    const { rawHeaders = [] } = this.received[0] ?? {}
    const headers = new Map<string, string[]>()
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = String(rawHeaders[i])
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '-')
      headers.set(name, [...(headers.get(name) ?? []), String(rawHeaders[i + 1])])
    }
    return headers
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }
}
