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

/** A whole text of such a file. @throws GatewayError invalid_parameter */
export function decodeText(bytes: Uint8Array): string {
  const decoder = new TextDecoder(textEncoding(bytes.subarray(0, 64)), { fatal: true })
  try {
    return decoder.decode(bytes)
  } catch {
    throw notText()
  }
}

/** The same piece by piece. @throws GatewayError invalid_parameter */
export async function* decodeTextStream(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let decoder: TextDecoder | null = null
  try {
    for await (const chunk of chunks) {
      decoder ??= new TextDecoder(textEncoding(chunk.subarray(0, 64)), { fatal: true })
      yield decoder.decode(chunk, { stream: true })
    }
    yield decoder?.decode() ?? ''
  } catch (error) {
    if (error instanceof TypeError) throw notText()
    throw error
  }
}

function notText(): GatewayError {
  return new GatewayError('invalid_parameter', { message: 'this file is not UTF-8: save it as UTF-8, in Excel as "CSV UTF-8"' })
}

/** The largest file that is read whole, in bytes; as much as the largest operation takes. */
export const importedFileBytesMax = 16 * 1024 * 1024

/** Whether a file is CSV or TSV rather than JSON: by the extension of its name, else by how it begins. */
export function isTable(file: string, begin: string): boolean {
  if (/\.[ct]sv$/i.test(file)) return true
  return !/\.(?:json|jsonl|ndjson)$/i.test(file) && !/^\s*[{[]/.test(begin)
}
