import type { ServerProcess } from './server-process.ts'
import { until } from './until.ts'

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly pid: number
  readonly worker?: number
  readonly call?: string
}

/** The log lines that a server has written so far. */
export function logLines(server: ServerProcess): LogLine[] {
  return server.output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine)
}

export function untilLogged(server: ServerProcess, isIt: (line: LogLine) => boolean): Promise<void> {
  return until(
    () => logLines(server).some(isIt),
    () => `a line in\n${server.output}`,
  )
}

/** The process of the current worker with this number; undefined before it is ready. */
export function workerPid(server: ServerProcess, number: number): number | undefined {
  return logLines(server).findLast(({ msg, worker }) => msg === 'worker ready' && worker === number)?.pid
}

/** Kills the current worker with this number. @returns when its replacement has started */
export async function killWorker(server: ServerProcess, number: number): Promise<void> {
  const pid = workerPid(server, number)
  if (pid === undefined) throw new Error(`worker ${number} is not ready`)
  process.kill(pid, 'SIGKILL')
  await until(
    () => workerPid(server, number) !== pid,
    () => `another worker ${number} in\n${server.output}`,
  )
}
