import { readFileSync } from 'node:fs'
import { runCommand, type Server } from '../lib/child.ts'
import { type Contender, compare, goodRound } from '../lib/compare.ts'
import type { ChainOptions } from '../lib/generator.ts'
import { load, loadChain } from '../lib/load.ts'
import { requestFile } from '../lib/requests.ts'
import type { Row } from '../lib/row.ts'
import { logSellersIn, sellerPaths } from '../lib/sellers.ts'
import { startBare, startGateway, startPeer } from '../lib/servers.ts'
import { median } from '../lib/statistics.ts'
import { copyStore } from '../lib/stores.ts'
import { scratchFile } from '../lib/workspace.ts'

const connections = 32
/** A few more than connections, so that none ever waits for one. */
const tokensARound = connections + 8
const tokensOfPeer = 2_000

const formHeaders = { 'Content-Type': 'application/x-www-form-urlencoded' }
const peerClient = 'client_id=bench&client_secret=bench-secret'

export const refresh: Row = {
  name: 'refresh',
  title: 'refresh',
  async run(context) {
    const gateway = await startGateway(await copyStore())
    const inline = await startBare('rs256', 'two RS256 signatures, one thread', { SIGN: 'inline' })
    const pool = await startBare('rs256', 'two RS256 signatures, libuv pool', { SIGN: 'pool' })
    const peerTokens = scratchFile('peer-tokens')
    const peer = await startPeer('oidc-provider', 'oidc-provider', { TOKENS_FILE: peerTokens, TOKENS: String(tokensOfPeer) })
    const peerPool = readFileSync(peerTokens, 'latin1').trim().split('\n')

    const nothing = Array.from({ length: tokensARound }, (_, index) => `none-${index}`)
    const bare = (server: Server): Contender => ({
      name: server.name,
      server,
      measure: async (seconds) => goodRound(server.name, await loadChain(gatewayChain(server.port, seconds, nothing))),
    })
    const peerRefresh: Contender = {
      name: 'oidc-provider refresh_token',
      server: peer,
      measure: async (seconds) => {
        const chain = {
          port: peer.port,
          seconds,
          connections,
          firstTokens: peerPool.splice(0, tokensARound),
          path: '/token',
          headers: formHeaders,
          body: `grant_type=refresh_token&${peerClient}&refresh_token={token}`,
          tokenName: 'refresh_token',
        }
        return goodRound('oidc-provider refresh_token', await loadChain(chain))
      },
    }
    const credentials = requestFile([
      { method: 'POST', path: '/token', headers: formHeaders, body: `grant_type=client_credentials&scope=read&${peerClient}` },
    ])
    const peerCredentials: Contender = {
      name: 'oidc-provider client_credentials',
      server: peer,
      measure: async (seconds) =>
        goodRound(
          'oidc-provider client_credentials',
          await load({ port: peer.port, seconds, connections, requests: credentials, use: 'cycle' }),
        ),
    }
    let firstTokens: readonly string[] = []
    const ours: Contender = {
      name: 'Lobbykey',
      server: gateway,
      prepare: async () => {
        firstTokens = await newFamilies(gateway.port)
      },
      measure: async (seconds) => goodRound('Lobbykey', await loadChain(gatewayChain(gateway.port, seconds, firstTokens))),
    }
    const { figures, ratio } = await compare([ours, bare(inline), bare(pool), peerRefresh, peerCredentials], context)
    for (const server of [gateway, inline, pool, peer]) await server.stop()

    const alone = JSON.parse(await runCommand(process.execPath, ['bare/rs256-alone.ts', '2'])) as Record<string, number>
    const rate = (name: string) => median(figures.find((figure) => figure.name === name)?.values ?? [])
    const faster = rate(pool.name) > rate(inline.name) ? pool.name : inline.name
    const line = { title: 'refresh', unit: '×', target: null } as const
    return {
      lines: [
        { ...line, against: `${faster}, node:http`, value: ratio('Lobbykey', faster), target: { bound: 'at least', value: 0.7 } },
        { ...line, against: peerRefresh.name, value: ratio('Lobbykey', peerRefresh.name) },
        { ...line, against: peerCredentials.name, value: ratio('Lobbykey', peerCredentials.name) },
      ],
      figures: [
        ...figures,
        { name: 'two RS256 signatures in process, one thread', unit: '/s', values: [alone.oneThread ?? Number.NaN] },
        { name: 'two RS256 signatures in process, all cores', unit: '/s', values: [alone.allCores ?? Number.NaN] },
      ],
      notes: [
        'RSA 2048; the two signatures alone are behind node:http, in an answer of the same form, in the faster of two ways: on its thread, or both at once on libuv’s pool',
        'every refresh rotates: the next request carries the token of the last answer',
        'oidc-provider: rotation on every use, RS256 JWT access token (refresh_token grant: an RS256 ID token too); state in a Map, where Lobbykey writes durably: that flatters it',
        `${connections} connections`,
      ],
    }
  },
}

/** Refreshes for some seconds, and appends every new access token to the file, one per line. */
export async function collectAccessTokens(port: number, seconds: number, path: string): Promise<void> {
  const chain = gatewayChain(port, seconds, await newFamilies(port))
  goodRound('Lobbykey', await loadChain({ ...chain, collect: { name: 'accessToken', path } }))
}

/** Refresh tokens of separate families. */
async function newFamilies(port: number): Promise<string[]> {
  return (await logSellersIn(port, tokensARound)).map(({ refreshToken }) => refreshToken)
}

function gatewayChain(port: number, seconds: number, firstTokens: readonly string[]): ChainOptions {
  return {
    port,
    seconds,
    connections,
    firstTokens,
    path: sellerPaths.refresh,
    headers: { 'Content-Type': 'application/json' },
    body: '{"refreshToken":"{token}"}',
    tokenName: 'refreshToken',
  }
}
