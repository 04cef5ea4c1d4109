import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { missingProgram } from './missing-program.ts'
import { freePort } from './server-process.ts'
import { until } from './until.ts'

/** A Redis for one test to kill and freeze. It stores nothing on disk. */
export class RedisServer {
  readonly port: number
  readonly #options: readonly string[]
  readonly #tls: readonly string[]
  #child: ChildProcess

  private constructor(port: number, options: readonly string[], tls: readonly string[]) {
    this.port = port
    this.#options = options
    this.#tls = tls
    this.#child = this.#spawn()
  }

  /**
   * @param options command-line options, such as `--requirepass`
   * @param tls its certificate and key options; it then accepts TLS only
   */
  static async start(options: readonly string[] = [], { tls = [] }: { tls?: readonly string[] } = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options, tls)
    await server.#untilOpen()
    return server
  }

  /** Why it cannot run here, or false. */
  static missing(): string | false {
    return missingProgram('redis-server')
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Stops answering but keeps its connections, until `resume`. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  /** Empty, on the same port, after `kill`. */
  async restart(): Promise<void> {
    this.#child = this.#spawn()
    await this.#untilOpen()
  }

  #spawn(): ChildProcess {
    const ports = this.#tls.length === 0 ? ['--port', String(this.port)] : ['--port', '0', '--tls-port', String(this.port), ...this.#tls]
    const options = [...ports, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...this.#options]
    return spawn('redis-server', options, { stdio: 'ignore' })
  }

  #untilOpen(): Promise<void> {
    return until(
      async () => {
        const socket = connect(this.port, '127.0.0.1')
        const isOpen = await once(socket, 'connect').then(
          () => true,
          () => false,
        )
        socket.destroy()
        return isOpen
      },
      () => 'redis-server',
    )
  }
}
