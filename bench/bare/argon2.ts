/** Argon2id alone: verifications per second, one at a time per core, since two would be no faster. Prints one number. */
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'

const [, , secondsText = '3', memoryText = '19456', passesText = '2'] = process.argv
const password = 'bench-orchard-lantern'
const passwordHash = await hash(password, {
  memoryCost: Number(memoryText),
  timeCost: Number(passesText),
  parallelism: 1,
  outputLen: 32,
})

async function verifyUntil(end: number): Promise<number> {
  let count = 0
  while (performance.now() < end) {
    if (!(await verify(passwordHash, password))) throw new Error('the hash does not verify')
    count++
  }
  return count
}

async function run(seconds: number): Promise<number> {
  const start = performance.now()
  const lanes = Array.from({ length: availableParallelism() }, () => verifyUntil(start + seconds * 1_000))
  const counts = await Promise.all(lanes)
  return (counts.reduce((sum, count) => sum + count, 0) / (performance.now() - start)) * 1_000
}

await run(0.3)
console.log(await run(Number(secondsText)))
