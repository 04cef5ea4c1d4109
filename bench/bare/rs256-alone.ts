/** Two RS256 signatures without HTTP: pairs per second on one thread, then on all cores. Prints JSON. */
import { availableParallelism } from 'node:os'
import { pairSignedInline, pairSignedInPool } from './rs256-pair.ts'

const seconds = Number(process.argv[2] ?? 2)

function oneThread(): number {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < seconds * 1_000) {
    pairSignedInline()
    count++
  }
  return (count / (performance.now() - start)) * 1_000
}

async function allCores(): Promise<number> {
  const start = performance.now()
  const lanes = Array.from({ length: availableParallelism() * 2 }, async () => {
    let count = 0
    for (; performance.now() - start < seconds * 1_000; count++) await pairSignedInPool()
    return count
  })
  const counts = await Promise.all(lanes)
  return (counts.reduce((sum, count) => sum + count, 0) / (performance.now() - start)) * 1_000
}

console.log(JSON.stringify({ oneThread: oneThread(), allCores: await allCores() }))
