import { readdirSync, readFileSync } from 'node:fs'
import { select } from './stores.ts'

/** Microseconds of processor that a server has taken. */
export interface ProcessorTime {
  readonly mainThread: number
  readonly otherThreads: number
  /** PostgreSQL's backends that serve its database. */
  readonly backends: number
}

/**
 * What a server and its database have taken so far, by the scheduler's count (Linux). Unlike rates, it hardly changes with what else the machine does.
 * @param databaseUrl a database that nobody else uses
 */
export async function processorTime(pid: number, databaseUrl?: string): Promise<ProcessorTime> {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => [thread, spent(`/proc/${pid}/task/${thread}`)] as const)
  const mainThread = threads.find(([thread]) => thread === String(pid))?.[1] ?? 0
  const all = threads.reduce((sum, [, time]) => sum + time, 0)
  return { mainThread, otherThreads: all - mainThread, backends: databaseUrl === undefined ? 0 : await backendsTime(databaseUrl) }
}

/** What it took from one reading to another, by request. */
export function byRequest(before: ProcessorTime, after: ProcessorTime, requests: number): ProcessorTime {
  return {
    mainThread: (after.mainThread - before.mainThread) / requests,
    otherThreads: (after.otherThreads - before.otherThreads) / requests,
    backends: (after.backends - before.backends) / requests,
  }
}

async function backendsTime(databaseUrl: string): Promise<number> {
  const rows = await select(
    databaseUrl,
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = $$client backend$$',
  )
  return rows.reduce((sum, { pid }) => sum + spent(`/proc/${pid}`), 0)
}

/** Its first number is the time on a processor, in nanoseconds. */
function spent(folder: string): number {
  try {
    return Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ', 1)[0]) / 1_000
  } catch {
    // The thread has ended.
    return 0
  }
}
