import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** The maximum. Even at full member-login load sellers can still log in (docs/operations.md). */
const niceness = 19

/**
 * Makes libuv's threads, which hash passwords, yield to the event loop (check 40). Only Linux has priorities per thread. Call it after
 * the first hash, when libuv has started its threads.
 */
export function lowerPoolPriority(): void {
  for (const thread of poolThreads()) setPriority(thread, niceness)
}

function poolThreads(): number[] {
  const tasks = '/proc/self/task'
  try {
    return readdirSync(tasks)
      .filter((thread) => readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim() === 'libuv-worker')
      .map(Number)
  } catch {
    return []
  }
}
