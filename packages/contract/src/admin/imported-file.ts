/** Files that operators import: how their text is read, and what kind they are. In Node.js and in the browser. */
import { GatewayError } from '../gateway-error.ts'

/** ZIP, which .xlsx, .ods and .numbers are, and the older .xls. */
const workbookStarts = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
]

/**
 * How a file is encoded, by its first bytes, as files from desks are: UTF-8, with a byte order mark or without one, or UTF-16 with one.
 * @throws GatewayError invalid_parameter for UTF-16 without a byte order mark, and for a workbook
 */
function textEncoding(head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = head
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (workbookStarts.some((start) => start.every((byte, index) => head[index] === byte))) {
    throw new GatewayError('invalid_parameter', { message: 'this file is a workbook: save it as CSV, in Excel as "CSV UTF-8"' })
  }
  // Text has no NUL, and in UTF-16 every other byte of ASCII is one.
  if (head.includes(0)) {
    throw new GatewayError('invalid_parameter', {
      message: 'this file is UTF-16 without a byte order mark, or not text: save it as UTF-8',
    })
  }
  return 'utf-8'
}

/** A whole text of such a file. @throws GatewayError invalid_parameter, with the line that is no text */
export function decodeText(bytes: Uint8Array): string {
  const reader = new TextReader(bytes)
  return reader.read(bytes) + reader.end()
}

/** The same piece by piece. @throws GatewayError invalid_parameter, with the line that is no text */
export async function* decodeTextStream(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let reader: TextReader | null = null
  for await (const chunk of chunks) {
    reader ??= new TextReader(chunk)
    yield reader.read(chunk)
  }
  yield reader?.end() ?? ''
}

class TextReader {
  readonly #encoding
  readonly #decoder: TextDecoder
  /** One piece behind: of a piece that is no text it tells where. */
  readonly #behind: TextDecoder
  #line = 1
  #last = ''

  constructor(head: Uint8Array) {
    this.#encoding = textEncoding(head.subarray(0, 64))
    this.#decoder = new TextDecoder(this.#encoding, { fatal: true })
    this.#behind = new TextDecoder(this.#encoding, { fatal: true })
  }

  read(bytes: Uint8Array): string {
    let text: string
    try {
      text = this.#decoder.decode(bytes, { stream: true })
    } catch {
      this.#findFault(bytes)
      throw this.#notText()
    }
    this.#behind.decode(bytes, { stream: true })
    this.#count(text)
    return text
  }

  end(): string {
    try {
      return this.#decoder.decode()
    } catch {
      throw this.#notText()
    }
  }

  #findFault(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; at++) this.#count(this.#behind.decode(bytes.subarray(at, at + 1), { stream: true }))
    } catch {
      // Here it is.
    }
  }

  /** Lines end in LF, CR or CRLF, which two pieces may share. */
  #count(text: string): void {
    if (text === '') return
    const isSecondHalf = this.#last === '\r' && text.startsWith('\n')
    this.#line += (text.match(/\r\n|\r|\n/g)?.length ?? 0) - (isSecondHalf ? 1 : 0)
    this.#last = text.at(-1) ?? ''
  }

  #notText(): GatewayError {
    const name = this.#encoding === 'utf-8' ? 'UTF-8' : 'UTF-16'
    return new GatewayError('invalid_parameter', {
      message: `line ${this.#line} is not ${name}, so this file is not ${name}: save it as UTF-8, in Excel as "CSV UTF-8"`,
    })
  }
}

/** The largest file that is read whole, in bytes; as much as the largest operation takes. */
export const importedFileBytesMax = 16 * 1024 * 1024

/** Whether a file is CSV or TSV rather than JSON: by the extension of its name, else by how it begins. */
export function isTable(file: string, begin: string): boolean {
  if (/\.[ct]sv$/i.test(file)) return true
  return !/\.(?:json|jsonl|ndjson)$/i.test(file) && !/^\s*[{[]/.test(begin)
}
