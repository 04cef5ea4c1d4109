/** Strangers who send thousands of requests in one packet, all at once; in a separate thread, so that they do not disturb measurements. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

export interface PipeliningFlood {
  readonly port: number
  readonly connections: number
  readonly requests: number
  /** Once a second. */
  readonly rounds: number
}

export interface PipeliningResult {
  /** Packets of requests that were sent. */
  readonly packets: number
  readonly answers: number
}

/** @returns the result, when it is over */
export async function startPipelining(flood: PipeliningFlood): Promise<PipeliningResult> {
  const worker = new Worker(new URL(import.meta.url), { workerData: flood })
  const [result] = await once(worker, 'message')
  return result
}

async function flood({ port, connections, requests, rounds }: PipeliningFlood): Promise<PipeliningResult> {
  const packet = Buffer.from('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(requests))
  let packets = 0
  let answers = 0
  for (let round = 0; round < rounds; round++) {
    const open = async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1').split('HTTP/1.1 ').length - 1))
      await once(socket, 'connect')
      return socket
    }
    const sockets = await Promise.all(Array.from({ length: connections }, open))
    for (const socket of sockets) socket.write(packet)
    packets += sockets.length
    await delay(1_000)
    for (const socket of sockets) socket.destroy()
  }
  return { packets, answers }
}

if (!isMainThread) parentPort?.postMessage(await flood(workerData as PipeliningFlood))
