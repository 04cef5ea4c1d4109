/** A copy of the packages in which one file at a time is changed; the work tree never is. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'

export type Outcome = 'passed' | 'failed' | 'timed out'

/** Memory limit of each process, MiB. */
const heapMbMax = 512
const firstFailure = `${import.meta.dirname}/first-failure.ts`

export class SourceCopy {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lobbykey-mutation-'))
  readonly #nodeOptions: string

  /** @param nodeOptions for the processes of tests */
  constructor(nodeOptions = '') {
    this.#nodeOptions = `--max-old-space-size=${heapMbMax} ${nodeOptions}`
    for (const path of ['packages', 'docs', 'scripts', 'package.json']) {
      cpSync(path, join(this.#folder, path), { recursive: true, filter: (from) => basename(from) !== 'node_modules' })
    }
    const modules = join(this.#folder, 'node_modules')
    mkdirSync(join(modules, '@lobbykey'), { recursive: true })
    for (const name of readdirSync('node_modules')) {
      if (name !== '@lobbykey') symlinkSync(resolve('node_modules', name), join(modules, name))
    }
    for (const name of readdirSync('packages')) symlinkSync(join(this.#folder, 'packages', name), join(modules, '@lobbykey', name))
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text)
  }

  /** Runs test files one after another until one fails. */
  async test(files: readonly string[], msMax: number): Promise<Outcome> {
    const deadline = performance.now() + msMax
    for (const file of files) {
      const outcome = await this.#run(file, deadline - performance.now())
      if (outcome !== 'passed') return outcome
    }
    return 'passed'
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(file: string, msMax: number): Promise<Outcome> {
    const { NODE_TEST_CONTEXT: _, TEST_DATABASE_URL: _postgres, TEST_REDIS_URL: _redis, ...rest } = process.env
    const env = { ...rest, NODE_OPTIONS: this.#nodeOptions, NODE_COMPILE_CACHE: join(this.#folder, 'cache') }
    // In a process group, so that whatever a test started ends with it.
    const child = spawn(process.execPath, [`--test-reporter=${firstFailure}`, file], {
      cwd: this.#folder,
      env,
      stdio: 'ignore',
      detached: true,
    })
    const end = () => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL')
      } catch {
        // The group is already gone.
      }
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve('timed out')
        end()
      }, msMax)
      child.on('close', (code) => {
        clearTimeout(timer)
        end()
        resolve(code === 0 ? 'passed' : 'failed')
      })
    })
  }
}
