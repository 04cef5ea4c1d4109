import { MerchantClient } from '../../packages/client/src/merchant/index.ts'
import { SellerClient } from '../../packages/client/src/seller/index.ts'
import { createVerifier } from '../../packages/client/src/verify/index.ts'
import { type Contender, compare } from '../lib/compare.ts'
import type { Row } from '../lib/row.ts'
import { logSellersIn } from '../lib/sellers.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { copyStore } from '../lib/stores.ts'

const callers = 64
const fields = { user_id: 'uid001', platform: 'h5', language: 'en-US', currency: 'VND2', game_code: '101-DYfsRc' } as const
const memberAnswer = JSON.stringify({ code: 200, message: 'success', data: { url: 'https://lobby.example/', token: 'token-of-a-bench' } })
const sellerAnswer = JSON.stringify({
  code: '0000',
  msg: 'Success',
  time: new Date().toISOString(),
  data: { accessToken: 'a'.repeat(900), tokenType: 'Bearer', expiresIn: 86_400, refreshToken: 'r'.repeat(900) },
})

export const clients: Row = {
  name: 'clients',
  title: 'client library of JavaScript',
  async run(context) {
    const member = await startBare('http', 'bare node:http', { BODY: memberAnswer })
    const seller = await startBare('http', 'bare node:http', { BODY: sellerAnswer })
    const gateway = await startGateway(await copyStore())
    const [memberUrl, sellerUrl] = [`http://127.0.0.1:${member.port}`, `http://127.0.0.1:${seller.port}`]
    const merchantClient = new MerchantClient({ baseUrl: memberUrl, agentId: 'agent001', key: 'a-key-of-the-bench' })
    const sellerClient = new SellerClient({ baseUrl: sellerUrl, email: 'seller@example.com', password: 'not-looked-at' })
    const [pair] = await logSellersIn(gateway.port, 1)
    const verifier = createVerifier({ issuer: 'http://127.0.0.1:8080', baseUrl: `http://127.0.0.1:${gateway.port}` })
    const accessToken = pair?.accessToken ?? ''
    await verifier.verify(accessToken)

    const body = JSON.stringify({ agent_id: 'agent001', ...fields, token: 't'.repeat(28), timestamp: Date.now(), sign: '0'.repeat(32) })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const bearer = { headers: { authorization: `Bearer ${'a'.repeat(900)}` } }
    const { figures, ratio } = await compare(
      [
        calling('MerchantClient', () => merchantClient.login(fields)),
        calling('fetch, signed before', async () => (await fetch(`${memberUrl}/api/member/login`, init)).json()),
        calling('SellerClient', async () => (await sellerClient.fetch('/orders')).json()),
        calling('fetch, with a token', async () => (await fetch(`${sellerUrl}/orders`, bearer)).json()),
        calling('verify, warm', () => verifier.verify(accessToken)),
      ],
      context,
    )
    for (const server of [member, seller, gateway]) await server.stop()
    const line = (title: string, against: string, value: number, bound: number) =>
      ({ title, against, value, unit: '×', target: { bound: 'at least', value: bound } }) as const
    const verified = figures.find(({ name }) => name === 'verify, warm')?.values ?? []
    return {
      lines: [
        line('MerchantClient, login', 'bare fetch', ratio('MerchantClient', 'fetch, signed before'), 1 / 1.15),
        line('SellerClient, fetch', 'bare fetch', ratio('SellerClient', 'fetch, with a token'), 1 / 1.05),
        {
          title: 'verify, warm, a second',
          against: '-',
          value: Math.min(...verified),
          unit: '',
          target: { bound: 'at least', value: 30_000 },
        },
      ],
      figures,
      notes: [
        `${callers} callers at once in one process, kept-alive connections; the server is bare node:http in another, and checks nothing`,
      ],
    }
  },
}

/** Calls per second, of all callers together. */
function calling(name: string, call: () => Promise<unknown>): Contender {
  return {
    name,
    measure: async (seconds) => {
      const start = performance.now()
      const end = start + seconds * 1_000
      let calls = 0
      const caller = async () => {
        for (; performance.now() < end; calls++) await call()
      }
      await Promise.all(Array.from({ length: callers }, caller))
      return calls / ((performance.now() - start) / 1_000)
    },
  }
}
