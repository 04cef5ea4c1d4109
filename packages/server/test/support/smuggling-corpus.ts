/** Requests that two servers may read differently (checks 51 and 52): the corpus for this server alone and for proxies in front of it. */

export interface SmugglingCase {
  readonly name: string
  /** Expected result: refused and closed, or read as exactly one request. */
  readonly outcome: 'refused' | 'one'
  /** Byte for byte, in Latin-1. What follows the first request asks for `/smuggled`. */
  readonly bytes: string
}

/** The path of each case's first request, which takes a body, and that of the hidden one. */
export const caseMarks = { first: '/merchant-api/seller/auth/login', hidden: '/smuggled' } as const

/** @param host goes into every Host header */
export function smugglingCases(host: string): readonly SmugglingCase[] {
  const hidden = `GET ${caseMarks.hidden} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const ending = `0\r\n\r\n${hidden}`
  const make =
    (outcome: SmugglingCase['outcome']) =>
    (name: string, lines: readonly string[], body = hidden, first = `POST ${caseMarks.first} HTTP/1.1`): SmugglingCase => ({
      name,
      outcome,
      bytes: [first, `Host: ${host}`, 'Content-Type: application/json', ...lines, '', body].join('\r\n'),
    })
  const refused = make('refused')
  const one = make('one')
  const raw = (name: string, bytes: string): SmugglingCase => ({ name, outcome: 'refused', bytes })
  const chunked = 'Transfer-Encoding: chunked'
  const sized = `Content-Length: ${ending.length}`
  return [
    refused('a length and chunks', [sized, chunked], ending),
    refused('chunks and a length', [chunked, sized], ending),
    refused('an encoding that nobody knows', ['Transfer-Encoding: xchunked', sized], ending),
    refused('a space before the colon', ['Transfer-Encoding : chunked', sized], ending),
    refused('identity', ['Transfer-Encoding: identity', sized], ending),
    refused('identity alone', ['Transfer-Encoding: identity'], ending),
    refused('a coding beside chunked', ['Transfer-Encoding: gzip, chunked'], ending),
    refused('a coding after chunked', ['Transfer-Encoding: chunked, identity'], ending),
    refused('chunked twice', ['Transfer-Encoding: chunked, chunked'], ending),
    refused('two encodings', [chunked, 'Transfer-Encoding: identity'], ending),
    refused('chunked in quotes', ['Transfer-Encoding: "chunked"', sized], ending),
    refused('a vertical tab in the encoding', ['Transfer-Encoding: \x0bchunked', sized], ending),
    refused('chunks in HTTP/1.0', [chunked], ending, `POST ${caseMarks.first} HTTP/1.0`),
    refused(
      'chunks in HTTP/1.0 on a connection that is to stay',
      [chunked, 'Connection: keep-alive'],
      ending,
      `POST ${caseMarks.first} HTTP/1.0`,
    ),
    refused('two lengths', ['Content-Length: 0', `Content-Length: ${hidden.length}`]),
    refused('one length twice', ['Content-Length: 0', 'Content-Length: 0']),
    refused('a list of lengths', [`Content-Length: 0, ${hidden.length}`]),
    refused('a length with a sign', [`Content-Length: +${hidden.length}`]),
    refused('a negative length', ['Content-Length: -1']),
    refused('a length in hexadecimal', ['Content-Length: 0x10']),
    refused('a length of two numbers', ['Content-Length: 1 0']),
    refused('a length past 64 bits', ['Content-Length: 18446744073709551616']),
    refused('a folded header', ['X-Folded: a', ` ${chunked}`, sized], ending),
    refused('a folded encoding', ['Transfer-Encoding:', ' chunked', sized], ending),
    refused('a header before which a space stands', [` ${chunked}`, sized], ending),
    refused('a bare CR in a header', [`X-Odd: a\r${chunked}`, sized], ending),
    refused('a bare LF between headers', [`X-Odd: a\n${chunked}`, sized], ending),
    refused('a NUL in a header', ['X-Odd: a\0b']),
    refused('a NUL in a name', ['X-O\0dd: a']),
    refused('a line without a colon', ['Nothing']),
    refused('a second Host', ['Host: evil.example']),
    refused('the same Host twice', [`Host: ${host}`]),
    refused('another Host in the URL', [], hidden, `GET http://evil.example${caseMarks.first} HTTP/1.1`),
    refused('another Host in an https URL', [], hidden, `GET https://evil.example${caseMarks.first} HTTP/1.1`),
    refused('another Host after a scheme in capitals', [], hidden, `GET HTTP://evil.example${caseMarks.first} HTTP/1.1`),
    refused('user info in the URL', [], hidden, `GET http://x@${host}${caseMarks.first} HTTP/1.1`),
    refused('a chunk size with a sign', [chunked], `+0\r\n\r\n${hidden}`),
    refused('a chunk size in C', [chunked], `0x0\r\n\r\n${hidden}`),
    refused('a chunk size past 64 bits', [chunked], `10000000000000000\r\n\r\n${hidden}`),
    refused('a chunk line that a bare LF ends', [chunked], `0\n\n${hidden}`),
    refused('a bare LF in a chunk extension', [chunked], `0;a\nb\r\n\r\n${hidden}`),
    refused('chunk data that runs on', [chunked], `1\r\nab\r\n0\r\n\r\n${hidden}`),
    refused('HTTP/1.2', [], hidden, `GET ${caseMarks.first} HTTP/1.2`),
    refused('HTTP/2.0', [], hidden, `GET ${caseMarks.first} HTTP/2.0`),
    refused('HTTP/0.9 by name', [], hidden, `GET ${caseMarks.first} HTTP/0.9`),
    refused('http in small letters', [], hidden, `GET ${caseMarks.first} http/1.1`),
    raw('HTTP/0.9', `GET ${caseMarks.first}\r\n\r\n${hidden}`),
    raw('no Host', `GET ${caseMarks.first} HTTP/1.1\r\nConnection: close\r\n\r\n${hidden}`),
    raw('an empty Host', `GET ${caseMarks.first} HTTP/1.1\r\nHost:\r\n\r\n${hidden}`),
    raw('a Host with a path', `GET ${caseMarks.first} HTTP/1.1\r\nHost: ${host}/x\r\n\r\n${hidden}`),
    raw('a Host with user info', `GET ${caseMarks.first} HTTP/1.1\r\nHost: x@${host}\r\n\r\n${hidden}`),
    raw('two names in a Host', `GET ${caseMarks.first} HTTP/1.1\r\nHost: ${host}, evil.example\r\n\r\n${hidden}`),
    one('a length, and the whole request in it', ['Connection: close', `Content-Length: ${hidden.length}`]),
    one('a length on GET', ['Connection: close', `Content-Length: ${hidden.length}`], hidden, `GET ${caseMarks.first} HTTP/1.1`),
    one('an encoding with an underscore', ['Connection: close', 'Transfer_Encoding: chunked', sized], ending),
    one(
      'chunks with an extension, and trailers',
      ['Connection: close', chunked],
      '1;a=b\r\nx\r\n0\r\nHost: evil.example\r\nContent-Length: 9\r\n\r\n',
    ),
    one('an upgrade to HTTP/2', ['Connection: close, Upgrade, HTTP2-Settings', 'Upgrade: h2c', `Content-Length: ${hidden.length}`]),
    one('an expectation that nobody knows', ['Connection: close', 'Expect: wonders', `Content-Length: ${hidden.length}`]),
    one('two blanks in the first line', ['Connection: close'], hidden, `GET  ${caseMarks.first} HTTP/1.1`),
    one('what follows the last request', ['Connection: close'], hidden, `GET ${caseMarks.first} HTTP/1.1`),
    one('the same host in the URL', ['Connection: close'], hidden, `GET http://${host}${caseMarks.first} HTTP/1.1`),
  ]
}
