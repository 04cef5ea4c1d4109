export interface HeardEvent {
  readonly name: string
  readonly id: string | undefined
  readonly data: Record<string, unknown>
}

/** Reads server-sent events, one at a time. */
export class EventStreamReader {
  readonly response: Response
  readonly #reader: ReadableStreamDefaultReader<string>
  readonly #abort: AbortController
  #text = ''

  private constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    this.#reader = (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream()).getReader()
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventStreamReader> {
    const abort = new AbortController()
    return new EventStreamReader(await fetch(url, { headers, signal: abort.signal }), abort)
  }

  /** The next event; null when the stream has ended. */
  async next(): Promise<HeardEvent | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end === -1) {
        const { value, done } = await this.#reader.read()
        if (done) return null
        this.#text += value
        continue
      }
      const block = this.#text.slice(0, end)
      this.#text = this.#text.slice(end + 2)
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]))
      const name = fields.get('event')
      if (name !== undefined) return { name, id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown> }
    }
  }

  /** The next event that is not a heartbeat. */
  async nextNews(): Promise<HeardEvent | null> {
    for (;;) {
      const event = await this.next()
      if (event?.name !== 'heartbeat') return event
    }
  }

  close(): void {
    this.#abort.abort()
  }
}
