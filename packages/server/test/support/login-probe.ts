/** One login every few milliseconds, from a separate thread: its waiting time is due to the servers, however busy this process is. */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Installation, send } from './installation.ts'

const everyMs = 40

/** On the clock that all threads share. */
const now = () => Number(process.hrtime.bigint() / 1_000n) / 1_000

export class LoginProbe {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Resolves at its first acknowledged login. @param seconds its maximum duration, since requests are signed in advance */
  static async start(installation: Installation, origins: readonly string[], seconds: number): Promise<LoginProbe> {
    const bodies = Array.from({ length: (seconds * 1_000) / everyMs }, () => installation.loginBody())
    const worker = new Worker(new URL(import.meta.url), { workerData: { origins, bodies } })
    await once(worker, 'message')
    return new LoginProbe(worker)
  }

  now(): number {
    return now()
  }

  /** @returns when logins were acknowledged */
  async stop(): Promise<number[]> {
    this.#worker.postMessage('stop')
    const [successes] = await once(this.#worker, 'message')
    return successes
  }
}

async function probe(origins: readonly string[], bodies: readonly object[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const successes: number[] = []
  const asks: Promise<void>[] = []
  let isOver = false
  parentPort?.once('message', () => {
    isOver = true
  })
  for (const [n, body] of bodies.entries()) {
    if (isOver) break
    const ask = send('POST', `${origins[n % origins.length]}/api/member/login`, { body, agent })
    asks.push(
      ask.then(
        ({ status }) => {
          if (status === 200 && successes.push(now()) === 1) parentPort?.postMessage('begun')
        },
        () => {},
      ),
    )
    await delay(everyMs)
  }
  await Promise.all(asks)
  agent.destroy()
  return successes
}

if (!isMainThread) parentPort?.postMessage(await probe(workerData.origins, workerData.bodies))
