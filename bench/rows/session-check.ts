import { readFileSync } from 'node:fs'
import type { Server } from '../lib/child.ts'
import { type Contender, compare, goodRound } from '../lib/compare.ts'
import { load } from '../lib/load.ts'
import { memberLogins, type RequestFile, requestFile } from '../lib/requests.ts'
import type { Row } from '../lib/row.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { copyStore, lobbykey, membersUsual, merchant } from '../lib/stores.ts'

const connections = 64
/** Sessions that are asked for in turn: all stay cached. */
const sessions = 32
const service = 'bench'

export const sessionCheck: Row = {
  name: 'session-check',
  title: 'session check of a game server',
  async run(context) {
    const url = await copyStore()
    const { secret } = JSON.parse(await lobbykey(url, ['service', 'add', service, '--json'])) as { secret: string }
    const gateway = await startGateway(url)
    const bare = await startBare('http', 'bare node:http')
    const requests = checkRequests(await logMembersIn(gateway.port), secret)
    const served = (name: string, server: Server): Contender => ({
      name,
      server,
      measure: async (seconds) => goodRound(name, await load({ port: server.port, seconds, connections, requests, use: 'cycle' })),
    })
    const { figures, ratio } = await compare([served('Lobbykey', gateway), served('bare node:http', bare)], context)
    for (const server of [gateway, bare]) await server.stop()
    return {
      lines: [
        {
          title: 'session check, warm',
          against: 'bare node:http',
          value: ratio('Lobbykey', 'bare node:http'),
          unit: '×',
          target: { bound: 'at least', value: 0.4 },
        },
      ],
      figures,
      notes: [
        `${sessions} sessions in turn, all remembered, each with a game, by agent_id and token in a form, the service by HTTP Basic`,
        `${connections} connections; the bare server gets the same requests, reads no body and looks at nothing`,
      ],
    }
  },
}

/** Logs members in; returns their session tokens. */
async function logMembersIn(port: number): Promise<string[]> {
  const { path, recordBytes } = memberLogins({ count: sessions, agentId: merchant.agentId, key: merchant.key, members: membersUsual })
  const records = readFileSync(path)
  const tokens: string[] = []
  for (let start = 0; start < records.length; start += recordBytes) {
    const body = records.toString('latin1', start, start + recordBytes).split('\r\n\r\n')[1] ?? ''
    const answer = await fetch(`http://127.0.0.1:${port}/api/member/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { data } = (await answer.json()) as { data?: { token?: string } }
    if (data?.token === undefined) throw new Error(`a login was answered ${answer.status}`)
    tokens.push(data.token)
  }
  return tokens
}

function checkRequests(tokens: readonly string[], secret: string): RequestFile {
  return requestFile(
    tokens.map((token) => ({
      method: 'POST',
      path: '/session/check',
      headers: {
        Authorization: `Basic ${Buffer.from(`${service}:${secret}`).toString('base64')}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ agent_id: merchant.agentId, token }).toString(),
    })),
  )
}
