import { connect } from 'node:net'

/** Sends text byte for byte, and returns what comes back until the other side closes. */
export function sendRaw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}

/** One request with these lines on its own connection. */
export async function sendLines(
  port: number,
  method: string,
  path: string,
  lines: readonly string[],
): Promise<{ status: number; answer: string }> {
  const answer = await sendRaw(port, [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n'))
  return { status: Number(answer.split(' ', 2)[1]), answer }
}

/** Names that some server takes for one of our identity headers. */
export function identitySpellings(): string[] {
  const separators = ['-', '_', '.']
  return ['X-Seller-Id', 'X-Session-Id', 'X-Token-Expires-At'].flatMap((name) => {
    const [first, ...rest] = name.split('-')
    const joined = separators.flatMap((one) => separators.map((two) => `${first}${one}${rest.join(two)}`))
    return [...joined, ...joined.map((text) => text.toLowerCase()), name.toUpperCase(), name.toUpperCase().replaceAll('-', '_')]
  })
}
