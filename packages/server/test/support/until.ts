import { setTimeout as delay } from 'node:timers/promises'

/** Waits for what other processes do. @throws Error with a description of what did not happen */
export async function until(isIt: () => boolean | Promise<boolean>, what: () => string, msMax = 30_000): Promise<void> {
  const deadline = performance.now() + msMax
  while (!(await isIt())) {
    if (performance.now() > deadline) throw new Error(`waited for nothing: ${what()}`)
    await delay(10)
  }
}
