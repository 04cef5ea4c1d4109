import { readFileSync, writeFileSync } from 'node:fs'
import { startBetterAuth } from '../lib/better-auth.ts'
import type { Server } from '../lib/child.ts'
import { type Contender, compare, goodRound } from '../lib/compare.ts'
import { load } from '../lib/load.ts'
import { type RequestFile, requestFile } from '../lib/requests.ts'
import type { ResultLine, Row, RowContext } from '../lib/row.ts'
import { bearerRequests, logSellersIn, sellerPaths } from '../lib/sellers.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { copyStore, postgresUrl } from '../lib/stores.ts'
import { scratchFile } from '../lib/workspace.ts'
import { collectAccessTokens } from './refresh.ts'

const connections = 64
/** Sellers whose tokens are used in turn: all stay cached. */
const warmTokens = 32
/** More tokens than the gateway caches (10,000): used in turn, each one misses. */
const coldTokens = 12_000

export const bearerCheck: Row = {
  name: 'bearer-check',
  title: 'bearer check',
  async run(context) {
    const gateway = await startGateway(await copyStore())
    const bare = await startBare('http', 'bare node:http')
    const bareBearer = await startBare('http', 'bare node:http and a Map', { BEARER: 'x'.repeat(900) })
    const peer = postgresUrl === null ? null : await startBetterAuth()
    const pairs = await logSellersIn(gateway.port, warmTokens)
    const tokens = pairs.map(({ accessToken }) => accessToken)
    const warm = bearerRequests(sellerPaths.verify, tokens)
    const cold = bearerRequests(sellerPaths.verify, await collectTokens(gateway.port, context))
    const me = bearerRequests(sellerPaths.me, tokens)
    const mapRequest = requestFile([{ method: 'GET', path: '/me', headers: { Authorization: `Bearer ${'x'.repeat(900)}` } }])
    const served = (name: string, server: Server, requests: RequestFile): Contender => ({
      name,
      server,
      measure: async (seconds) => goodRound(name, await load({ port: server.port, seconds, connections, requests, use: 'cycle' })),
    })
    const contenders = [
      served('Lobbykey, warm', gateway, warm),
      served('bare node:http', bare, warm),
      served('bare node:http and a Map', bareBearer, mapRequest),
      served('Lobbykey, cold', gateway, cold),
      served('Lobbykey, me', gateway, me),
    ]
    if (peer !== null) contenders.push(served('better-auth get-session', peer.server, peer.getSession))
    const { figures, ratio } = await compare(contenders, context)
    for (const server of [gateway, bare, bareBearer, ...(peer === null ? [] : [peer.server])]) await server.stop()
    const line = (name: string, against: string, target: number | null): ResultLine => ({
      title: `bearer check, ${name}`,
      against,
      value: ratio(`Lobbykey, ${name}`, against),
      unit: '×',
      target: target === null ? null : { bound: 'at least', value: target },
    })
    return {
      lines: [
        line('warm', 'bare node:http', 0.4),
        line('warm', 'bare node:http and a Map', null),
        line('cold', 'bare node:http', null),
        line('me', 'bare node:http', 0.45),
        ...(peer === null ? [] : [line('warm', 'better-auth get-session', null)]),
      ],
      figures,
      notes: [
        '"warm" and "cold" are questions of the token alone, GET /verify (forward-auth), "me" one of the account, which is in memory: neither needs the store',
        `warm: ${warmTokens} tokens in turn; cold: ${coldTokens.toLocaleString('en')} in turn, more than are remembered, so that every signature is checked anew`,
        'better-auth: PostgreSQL, no cookie cache (its default): revocation holds at once, as with Lobbykey',
        `${connections} connections; the bare server gets the same requests and looks at nothing`,
      ],
    }
  },
}

/** Access tokens, each from its own refresh. */
async function collectTokens(port: number, { say }: RowContext): Promise<string[]> {
  const path = scratchFile('access-tokens')
  writeFileSync(path, '')
  for (;;) {
    await collectAccessTokens(port, 3, path)
    const tokens = readFileSync(path, 'latin1').split('\n').slice(0, -1)
    say(`collected ${tokens.length.toLocaleString('en')} of ${coldTokens.toLocaleString('en')} access tokens`)
    if (tokens.length >= coldTokens) return tokens.slice(0, coldTokens)
  }
}
