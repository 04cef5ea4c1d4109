import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Driver, runCases } from '../../../clients/conformance/run-cases.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

test('JavaScript does what every client does', (context) => runCases(context, new Driver([process.execPath, 'driver.ts'], folder)))
