/**
 * Two RS256 signatures per request, with claims and a body like the gateway's refresh answer; the request is read and ignored.
 *
 * SIGN=inline: on the event loop's thread. SIGN=pool: both in parallel on libuv's threads.
 */
import { createServer } from 'node:http'
import { pairSignedInline, pairSignedInPool } from './rs256-pair.ts'

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    if (process.env.SIGN === 'pool') pairSignedInPool().then(answer)
    else answer(pairSignedInline())
  })

  function answer([accessToken, refreshToken]: readonly [string, string]): void {
    const body =
      `{"code":"0000","msg":"Success","time":"${new Date().toISOString()}",` +
      `"data":{"accessToken":"${accessToken}","tokenType":"Bearer","expiresIn":86400,"refreshToken":"${refreshToken}"}}`
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body)
  }
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
