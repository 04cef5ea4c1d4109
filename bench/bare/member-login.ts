/**
 * What every bare login server does before its store: parse the JSON, MD5 the canonical string, compare. No other rule of the contract is
 * looked at, there is no framework, no log and no limit: it is the floor that node:http gives.
 */
import { hash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'

export interface BareLogin {
  readonly agentId: string
  readonly userId: string
  readonly token: string
  readonly platform: string
  readonly language: string
  readonly currency: string
  readonly gameCode: string
  readonly timestamp: number
  /** Hex. */
  readonly sign: string
  readonly response: ServerResponse
}

/** @param write answers every login, through `accept` or `refuse`, once it is durable */
export function serveBareLogins(write: (login: BareLogin) => void): void {
  const key = process.env.MERCHANT_KEY ?? ''
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end('ready')
      return
    }
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      const { agent_id, user_id, token, platform, language, currency, timestamp, game_code, sign } = JSON.parse(body)
      const canonical =
        `${key}&agent_id=${agent_id}&currency=${currency}&game_code=${game_code}&language=${language}` +
        `&platform=${platform}&timestamp=${timestamp}&token=${token}&user_id=${user_id}`
      if (hash('md5', canonical) !== sign) {
        refuse(response)
        return
      }
      write({
        agentId: agent_id,
        userId: user_id,
        token,
        platform,
        language,
        currency,
        gameCode: game_code,
        timestamp,
        sign,
        response,
      })
    })
  })
  server.listen(Number(process.env.PORT), '127.0.0.1')
  process.once('SIGTERM', () => process.exit(0))
}

export function accept({ response, agentId, userId, token, language, platform, currency, gameCode }: BareLogin): void {
  const url =
    `http://127.0.0.1/lobby?agent_id=${agentId}&uid=${userId}&token=${token}&language=${language}` +
    `&platform=${platform}&currency=${currency}&game_code=${gameCode}`
  const body = `{"code":200,"message":"success","data":{"url":"${url}","token":"${token}"}}`
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body)
}

export function refuse(response: ServerResponse): void {
  response.writeHead(403).end()
}
