/** JavaScript's driver of clients/conformance: a case a line in, an answer a line out. */

import process from 'node:process'
import { createInterface } from 'node:readline'
import { runWork } from './run-work.ts'

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await runWork(JSON.parse(line))))
