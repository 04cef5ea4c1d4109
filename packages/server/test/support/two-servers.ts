import { randomBytes } from 'node:crypto'
import { runJson } from './run-json.ts'
import { ServerProcess } from './server-process.ts'
import type { StoreKind } from './stores.ts'

/** Two real server processes on one store, and a command line at that store. */
export class TwoServers {
  readonly servers: readonly [ServerProcess, ServerProcess]
  readonly #env: Readonly<Record<string, string>>
  readonly #drop: () => Promise<void>

  private constructor(servers: readonly [ServerProcess, ServerProcess], env: Readonly<Record<string, string>>, drop: () => Promise<void>) {
    this.servers = servers
    this.#env = env
    this.#drop = drop
  }

  static async start(storeKind: StoreKind, settings: Readonly<Record<string, string>> = {}): Promise<TwoServers> {
    const { url, drop } = await storeKind.create()
    const env = {
      DATABASE_URL: url,
      MASTER_KEY: randomBytes(32).toString('base64'),
      PUBLIC_URL: 'http://127.0.0.1:8080',
      LOG_LEVEL: 'fatal',
      ARGON2_MEMORY_KIB: '7168',
      ARGON2_PASSES: '5',
      ...settings,
    }
    const first = await ServerProcess.start(['sandbox'], env)
    return new TwoServers([first, await ServerProcess.start(['sandbox'], env)], env, drop)
  }

  /** The JSON answer of a command that must succeed. */
  command<T>(...words: string[]): Promise<T> {
    return runJson<T>(this.#env, words)
  }

  async stop(): Promise<void> {
    for (const server of this.servers) await server.stop()
    await this.#drop()
  }
}
