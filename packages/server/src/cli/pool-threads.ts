import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** The most there is. Even where member logins take all that they can get, there are pauses enough to log sellers in (docs/operations.md). */
const niceness = 19

/**
 * Has libuv's threads, which hash passwords, yield to the event loop (check 40). Linux alone gives threads priorities of their own;
 * elsewhere nothing changes. To be called when the threads have begun: they do so together, at the first hash.
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
