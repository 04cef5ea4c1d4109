export interface StreamEvent {
  readonly name: string
  readonly id: string | null
  readonly data: string
}

/** Far longer than the gateway's events. */
const lengthMax = 1024 * 1024

/** Server-sent events (HTML Living Standard, section 9.2.6) as they come, without reconnecting. @throws Error for one without end */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let [waiting, dataLength] = ['', 0]
  let [name, id, data]: [string, string | null, string[]] = ['message', null, []]
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      waiting += decoder.decode(value, { stream: true })
      const lines = waiting.split(/\r\n|\n|\r(?!$)/)
      waiting = lines.pop() ?? ''
      for (const line of lines) {
        const [, field = '', text = ''] = /^([^:]*)(?:: ?)?(.*)/s.exec(line) ?? []
        if (line === '') {
          if (data.length > 0) yield { name, id, data: data.join('\n') }
          name = 'message'
          data = []
          dataLength = 0
        } else if (field === 'event') name = text
        else if (field === 'id') id = text
        else if (field === 'data') {
          data.push(text)
          dataLength += text.length + 1
        }
      }
      if (waiting.length + dataLength > lengthMax) throw new Error(`an event is longer than ${lengthMax}`)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
