import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MeasuredServer } from './costs.ts'
import { benchFolder, scratchFile } from './workspace.ts'

export interface Server extends MeasuredServer {
  readonly name: string
  readonly port: number
  /** From the start of the process to the first successful answer, ms. */
  readonly readyMs: number
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly name: string
  /** Arguments of node. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Answers 200 once the server is ready. */
  readonly readyPath?: string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a server on a free port of 127.0.0.1 (passed as PORT) and waits until it answers. Its database, if any, is passed as DATABASE_URL. */
export async function startServer({ name, args, env = {}, readyPath = '/' }: ServerOptions): Promise<Server> {
  const port = await findFreePort()
  const started = performance.now()
  const logPath = scratchFile('log')
  const log = openSync(logPath, 'w')
  const child = spawn(process.execPath, args, {
    cwd: benchFolder,
    env: { ...childEnv(), HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  running.add(child)
  const lastWords = () => readFileSync(logPath, 'utf8').slice(-4_000)
  const exited = once(child, 'exit').finally(() => running.delete(child))
  while (!(await isReady(port, readyPath))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended before it was ready:\n${lastWords()}`)
    if (performance.now() - started > 60_000) throw new Error(`${name} is not ready after a minute:\n${lastWords()}`)
    await sleep(2)
  }
  return {
    name,
    port,
    pid: child.pid ?? 0,
    ...(env.DATABASE_URL === undefined ? {} : { databaseUrl: env.DATABASE_URL }),
    readyMs: performance.now() - started,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${name} ended by itself (${child.exitCode ?? child.signalCode}):\n${lastWords()}`)
      }
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), 12_000)
      await exited
      clearTimeout(patience)
    },
  }
}

/** Runs a command and returns its standard output. @throws Error with its output, when it fails */
export async function runCommand(
  command: string,
  args: readonly string[],
  { env = {}, input = '', cwd = benchFolder }: { env?: Readonly<Record<string, string>>; input?: string; cwd?: string } = {},
): Promise<string> {
  const child = spawn(command, args, { cwd, env: { ...childEnv(), ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  let errors = ''
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString()
  })
  // A command may end without reading its input.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = (await once(child, 'close').finally(() => running.delete(child))) as [number | null]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}):\n${errors}${output}`)
  return output
}

/** Resident memory of a process and its children, MiB (Linux). */
export function residentMib(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024
  return children === '' ? own : own + children.split(' ').reduce((sum, child) => sum + residentMib(Number(child)), 0)
}

/** Excludes anything in the caller's environment that could change a server. */
function childEnv(): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  return { PATH, HOME, NODE_ENV: 'production', ...(TMPDIR === undefined ? {} : { TMPDIR }) }
}

async function isReady(port: number, path: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
