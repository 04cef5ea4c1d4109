import { hash, randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { memberId } from './large-platform.ts'
import { scratchFile } from './workspace.ts'

/** A file of complete HTTP requests of equal length. */
export interface RequestFile {
  readonly path: string
  readonly recordBytes: number
  readonly count: number
}

/** One or several requests to cycle through. A header pads them to equal length. */
export function requestFile(requests: readonly HttpRequest[]): RequestFile {
  const bare = requests.map((request) => Buffer.byteLength(httpText(request, 0)))
  const longest = Math.max(...bare)
  return writeRecords(requests.length, (index) => httpText(requests[index] as HttpRequest, longest - (bare[index] ?? 0)))
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** @param padding characters to add to the headers */
function httpText({ method, path, headers = {}, body }: HttpRequest, padding = 0): string {
  const all = {
    Host: '127.0.0.1',
    ...headers,
    'X-Pad': 'p'.repeat(padding),
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

export interface MemberLoginsOptions {
  readonly count: number
  readonly agentId: string
  readonly key: string
  /** Logins are of members 1 to this, at random; see `memberId`. */
  readonly members: number
  /** How old their timestamps are, at most ten minutes; default 0. */
  readonly signedAgoMs?: number
}

/** Signed member logins, each with its own token and the current time, so that none is a repeat. Valid for ten minutes. */
export function memberLogins({ count, agentId, key, members, signedAgoMs = 0 }: MemberLoginsOptions): RequestFile {
  const run = randomBytes(8).toString('hex')
  return writeRecords(count, (index) => {
    const timestamp = Date.now() - signedAgoMs
    const user = memberId(1 + Math.floor(Math.random() * members))
    const token = run + String(index).padStart(8, '0')
    // Fields are in ASCII order, so that the canonical string can be read off.
    const canonical =
      `agent_id=${agentId}&currency=VND2&game_code=101-DYfsRc&language=en-US&platform=h5` +
      `&timestamp=${timestamp}&token=${token}&user_id=${user}`
    const sign = hash('md5', `${key}&${canonical}`)
    const body =
      `{"agent_id":"${agentId}","user_id":"${user}","token":"${token}","platform":"h5","language":"en-US","currency":"VND2",` +
      `"timestamp":${timestamp},"game_code":"101-DYfsRc","sign":"${sign}"}`
    return (
      'POST /api/member/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`
    )
  })
}

function writeRecords(count: number, record: (index: number) => string): RequestFile {
  const path = scratchFile('requests')
  const file = openSync(path, 'w')
  const recordBytes = Buffer.byteLength(record(0))
  for (let start = 0; start < count; start += 10_000) {
    let piece = ''
    for (let index = start; index < Math.min(count, start + 10_000); index++) piece += record(index)
    writeSync(file, piece)
  }
  closeSync(file)
  return { path, recordBytes, count }
}
