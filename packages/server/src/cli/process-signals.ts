import type { Environment } from '../config/read-env.ts'

/** How often a process that npm started looks whether its parent is still there, in ms. */
const parentCheckMs = 500
/** What may hold the process up once a server has closed, in ms: a log that nobody reads, say. */
const lingerMsMax = 500

/**
 * Resolves when the process is asked to end: SIGINT, SIGTERM, or, under `npm start` and `npx`, the end of the shell between npm and us. npm
 * ends that shell and no shell passes a signal on, so the server would live on and keep its port.
 *
 * From then on the process ends when its work is done, even where something still holds it.
 */
export function untilSignal(env: Environment): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
    if (env.npm_lifecycle_event === undefined) return
    const parent = process.ppid
    const check = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(check)
      resolve()
    }, parentCheckMs)
    check.unref()
  })
}

/** Ends the process soon, with the exit code that was set, unless it ends by itself before. */
export function endSoon(): void {
  setTimeout(() => process.exit(), lingerMsMax).unref()
}
