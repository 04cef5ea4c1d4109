import { startBetterAuth } from '../lib/better-auth.ts'
import { runCommand, type Server } from '../lib/child.ts'
import { type Contender, compare, goodRound } from '../lib/compare.ts'
import { load } from '../lib/load.ts'
import type { Row } from '../lib/row.ts'
import { sellerLoginRequests } from '../lib/sellers.ts'
import { startGateway } from '../lib/servers.ts'
import { copyStore, postgresUrl } from '../lib/stores.ts'

/** Enough to keep the hash lane busy, and few enough that none exceeds its waiting time. */
const connections = 8
const cost = { memoryKib: 19_456, passes: 2 } as const

export const sellerLogin: Row = {
  name: 'seller-login',
  title: 'seller login',
  async run(context) {
    const gateway = await startGateway(await copyStore(), {
      ARGON2_MEMORY_KIB: String(cost.memoryKib),
      ARGON2_PASSES: String(cost.passes),
    })
    const peer = postgresUrl === null ? null : await startBetterAuth()
    const logins = sellerLoginRequests()
    const served = (name: string, server: Server, requests = logins): Contender => ({
      name,
      server,
      measure: async (seconds) => goodRound(name, await load({ port: server.port, seconds, connections, requests, use: 'cycle' })),
    })
    const alone: Contender = {
      name: 'Argon2id alone',
      measure: async (seconds) => {
        const words = ['bare/argon2.ts', String(seconds), String(cost.memoryKib), String(cost.passes)]
        const rate = Number(await runCommand(process.execPath, words))
        return { rate, requests: Math.round(rate * seconds) }
      },
    }
    const contenders = [served('Lobbykey', gateway), alone]
    if (peer !== null) contenders.push(served('better-auth sign-in', peer.server, peer.signIn))
    const { figures, ratio } = await compare(contenders, { ...context, seconds: Math.max(context.seconds, 3) })
    await gateway.stop()
    await peer?.server.stop()
    const line = { title: 'seller login', unit: '×' } as const
    return {
      lines: [
        { ...line, against: 'Argon2id alone', value: ratio('Lobbykey', 'Argon2id alone'), target: { bound: 'at least', value: 0.88 } },
        ...(peer === null
          ? []
          : [{ ...line, against: 'better-auth sign-in', value: ratio('Lobbykey', 'better-auth sign-in'), target: null }]),
      ],
      figures,
      notes: [
        `Argon2id, ${cost.memoryKib} KiB, ${cost.passes} passes, one lane; "alone" is @node-rs/argon2 on all cores, no HTTP and no store`,
        'better-auth: its default hash, scrypt N=16384 r=16 p=1, 64 bytes (16 MiB × 2: another cost, so the ratio compares products, not code); PostgreSQL, limiter on',
        `${connections} connections`,
      ],
    }
  },
}
