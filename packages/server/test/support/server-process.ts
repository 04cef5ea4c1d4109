import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ownLauncher = fileURLToPath(new URL('../../bin/lobbykey.js', import.meta.url))
const readyMsMax = 60_000

/** A real `lobbykey` server in a separate process, on a free port of 127.0.0.1. */
export class ServerProcess {
  readonly origin: string
  readonly #child: ChildProcess
  #output = ''

  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
  }

  /**
   * Resolves when `/readyz` answers 200. Chooses `PORT` unless given; otherwise the environment is exactly the caller's.
   * @param launcher another release's program
   * @param shell run by the shell that becomes the server, for example to set limits
   */
  static async start(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    launcher = ownLauncher,
    shell = '',
  ): Promise<ServerProcess> {
    const command = [process.execPath, launcher, ...args]
    return ServerProcess.startProgram(shell === '' ? command : ['sh', '-c', `${shell}; exec "$@"`, 'sh', ...command], env)
  }

  /** The same for any program that becomes a server. */
  static async startProgram([program = '', ...words]: readonly string[], env: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const port = Number(env.PORT ?? (await freePort()))
    const child = spawn(program, words, {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const server = new ServerProcess(`http://127.0.0.1:${port}`, child)
    await server.#untilReady()
    return server
  }

  /** Everything it has printed so far. */
  get output(): string {
    return this.#output
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Ends it and resolves with its exit code, null after a signal. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
    return this.#child.exitCode
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + readyMsMax
    while (performance.now() < deadline) {
      if (this.#child.exitCode !== null) throw new Error(`the server ended with ${this.#child.exitCode}:\n${this.#output}`)
      const answer = await fetch(`${this.origin}/readyz`).catch(() => null)
      if (answer?.status === 200) return
      await delay(20)
    }
    await this.stop('SIGKILL')
    throw new Error(`the server was not ready in ${readyMsMax} ms:\n${this.#output}`)
  }
}

export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    const port = typeof address === 'object' && address !== null ? address.port : 0
    if (givenPorts.has(port)) continue
    givenPorts.add(port)
    return port
  }
}

/** The system may offer one again before its first user listens there. */
const givenPorts = new Set<number>()
