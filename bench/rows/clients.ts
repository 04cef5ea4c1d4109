import { MerchantClient } from '../../packages/client/src/merchant/index.ts'
import { SellerClient } from '../../packages/client/src/seller/index.ts'
import { createVerifier } from '../../packages/client/src/verify/index.ts'
import { type Contender, compare } from '../lib/compare.ts'
import type { Figure, ResultLine, Row } from '../lib/row.ts'
import { logSellersIn } from '../lib/sellers.ts'
import { startBare, startGateway } from '../lib/servers.ts'
import { median } from '../lib/statistics.ts'
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
    const [memberLogin, orders] = [`${memberUrl}/api/member/login`, `${sellerUrl}/orders`]
    const contenders = [
      calling('MerchantClient', () => merchantClient.login(fields)),
      calling('fetch, signed before', async () => (await fetch(memberLogin, init)).json()),
      calling('fetch, signed before, with a time limit', () => inTime((signal) => fetch(memberLogin, { ...init, signal }))),
      calling('SellerClient', async () => (await sellerClient.fetch('/orders')).json()),
      calling('fetch, with a token', async () => (await fetch(orders, bearer)).json()),
      calling('fetch, with a token, with a time limit', () => inTime((signal) => fetch(orders, { ...bearer, signal }))),
      calling('verify, warm', () => verifier.verify(accessToken)),
    ]
    const { figures, ratio } = await compare(contenders, context)
    for (const server of [member, seller, gateway]) await server.stop()
    const timesOf = (name: string) => contenders.find((contender) => contender.name === name)?.processorTime.values ?? []
    const byProcessor = (first: string, second: string) => {
      const below = timesOf(first)
      return median(timesOf(second).map((time, round) => time / (below[round] ?? Number.NaN)))
    }
    const linesOf = (client: string, bare: string, title: string, bound: number): ResultLine[] => [
      { title, against: 'bare fetch', value: ratio(client, bare), unit: '×', target: { bound: 'at least', value: bound } },
      { title: `${title}: processor time`, against: 'bare fetch', value: byProcessor(client, bare), unit: '×', target: null },
      {
        title: `${title}: processor time`,
        against: 'fetch with a time limit',
        value: byProcessor(client, `${bare}, with a time limit`),
        unit: '×',
        target: null,
      },
    ]
    const verified = figures.find(({ name }) => name === 'verify, warm')?.values ?? []
    return {
      lines: [
        ...linesOf('MerchantClient', 'fetch, signed before', 'MerchantClient, login', 1 / 1.15),
        ...linesOf('SellerClient', 'fetch, with a token', 'SellerClient, fetch', 1 / 1.05),
        {
          title: 'verify, warm, a second',
          against: '-',
          value: Math.min(...verified),
          unit: '',
          target: { bound: 'at least', value: 30_000 },
        },
      ],
      figures: [...figures, ...contenders.map(({ processorTime }) => processorTime)],
      notes: [
        'Processor time is that of the callers’ process, garbage collection included, and hardly changes with what else the machine does; rates do.',
        'A time limit is what both clients give every request: of what they add, it is the part that any careful caller adds.',
        `${callers} callers at once in one process, kept-alive connections; the server is bare node:http in another, and checks nothing`,
      ],
    }
  },
}

/** As the clients do: a signal, and a timer that ends with the answer. */
async function inTime(send: (signal: AbortSignal) => Promise<Response>): Promise<unknown> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), 6_000)
  try {
    return await (await send(limit.signal)).json()
  } finally {
    clearTimeout(timer)
  }
}

interface CallingContender extends Contender {
  /** Of this process for each call, µs, by round. */
  readonly processorTime: Figure & { readonly values: number[] }
}

/** Calls per second, of all callers together. */
function calling(name: string, call: () => Promise<unknown>): CallingContender {
  const processorTime = { name: `${name}: processor time`, unit: 'µs a call', values: [] as number[] }
  return {
    name,
    processorTime,
    measure: async (seconds, round) => {
      const start = performance.now()
      const end = start + seconds * 1_000
      const before = process.cpuUsage()
      let calls = 0
      const caller = async () => {
        for (; performance.now() < end; calls++) await call()
      }
      await Promise.all(Array.from({ length: callers }, caller))
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) processorTime.values.push((user + system) / calls)
      return { rate: calls / ((performance.now() - start) / 1_000), requests: calls }
    },
  }
}
