/** Who plays the cases: each library, and more runtimes for the packed client of JavaScript. */
import type { ConformanceCase } from './conformance-case.ts'

export interface Player {
  readonly name: string
  readonly plays: (conformanceCase: ConformanceCase) => boolean
}

const all = () => true

/** A merchant's key has no place in a browser, nor has a file. */
export const isForBrowsers = ({ client, storage, notOn }: ConformanceCase) =>
  client === 'seller' && storage === undefined && notOn?.includes('Chromium') !== true
export const isForDeno = ({ notOn }: ConformanceCase) => notOn?.includes('Deno') !== true
/** Workers have no files. */
export const isForWorkers = ({ storage }: ConformanceCase) => storage === undefined

export const players: readonly Player[] = [
  { name: 'JavaScript: Node.js 20, 22, 24, 26, Bun', plays: all },
  { name: 'Deno', plays: isForDeno },
  { name: 'workerd', plays: isForWorkers },
  { name: 'Chromium', plays: isForBrowsers },
  ...['PHP', 'Python', 'Python with asyncio', 'Java', 'Go'].map((name) => ({ name, plays: all })),
]
