import type { Environment } from '../config/read-env.ts'

/** How often a process started by npm checks that its parent is alive, in ms. */
const parentCheckMs = 500
/** How long a closed server may linger, for example for a log that nobody reads, in ms. */
const lingerMsMax = 500

/**
 * Resolves on SIGINT, SIGTERM or, under `npm start` and `npx`, when the shell between npm and this process ends. npm ends that shell, and
 * shells do not forward signals, so the server would otherwise keep running on its port.
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

/** Ends the process soon with the exit code that was set, unless it ends by itself first. */
export function endSoon(): void {
  setTimeout(() => process.exit(), lingerMsMax).unref()
}
