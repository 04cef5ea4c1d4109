/** Strangers who guess passwords, each connection as fast as it is answered; in a separate thread, so that they do not disturb measurements. */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type HttpAnswer, send } from './installation.ts'

export interface Attack {
  readonly name: string
  readonly connections: number
  readonly addresses: number
  /** `one`: the first account; `all`: each in turn; `none`: unknown e-mails. */
  readonly accounts: 'one' | 'all' | 'none'
}

export const sellersMax = 20
export const emailOf = (n: number) => `seller${n}@acme.example`

export function logIn(origin: string, agent: Agent, from: string, email: string, password: string): Promise<HttpAnswer> {
  const url = `${origin}/merchant-api/seller/auth/login`
  return send('POST', url, { body: { email, password }, headers: { 'x-forwarded-for': from }, agent })
}

export const codeOf = ({ json }: HttpAnswer) => String((json as { code?: unknown }).code)

/** @returns answers by code, when it is over */
export async function startFlood(origin: string, attack: Attack, ms: number): Promise<Record<string, number>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { origin, attack, ms } })
  const [answers] = await once(worker, 'message')
  return answers
}

async function flood(origin: string, { connections, addresses, accounts }: Attack, ms: number): Promise<Record<string, number>> {
  const until = performance.now() + ms
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const by: Record<string, number> = {}
  const emails = {
    one: () => emailOf(0),
    all: (connection: number, turn: number) => emailOf((connection + turn) % sellersMax),
    none: (connection: number, turn: number) => `nobody${connection}-${turn}@example.com`,
  }
  const guess = async (connection: number) => {
    for (let turn = 0; performance.now() < until; turn++) {
      const from = `203.0.113.${connection % addresses}`
      const answer = logIn(origin, agent, from, emails[accounts](connection, turn), `wrong ${connection} ${turn}`)
      const code = await answer.then(codeOf, () => 'cut')
      by[code] = (by[code] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, connection) => guess(connection)))
  agent.destroy()
  return by
}

if (!isMainThread) {
  const { origin, attack, ms } = workerData as { origin: string; attack: Attack; ms: number }
  parentPort?.postMessage(await flood(origin, attack, ms))
}
