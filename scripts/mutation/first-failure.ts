/** A reporter for node:test that ends the process at the first failure, since one kills a mutant. */
import type { TestEvent } from 'node:test/reporters'

// biome-ignore lint/style/noDefaultExport: node:test takes reporters so
// biome-ignore lint/correctness/useYield: it has nothing to say
export default async function* firstFailure(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type } of events) if (type === 'test:fail') process.exit(1)
}
