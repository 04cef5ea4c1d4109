import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Less is not worth the pause, some milliseconds for each ten MiB. */
const heapBytesMin = 64 * 2 ** 20

/**
 * Frees what reading a large store left behind: V8 would keep it until much more has come. Node.js has no other way without a command-line
 * option.
 */
export function collectGarbage(): void {
  if (process.memoryUsage().heapUsed < heapBytesMin) return
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
