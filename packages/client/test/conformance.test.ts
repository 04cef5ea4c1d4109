import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { defaultAlgorithm, signingAlgorithmIds } from '@lobbykey/contract'
import { cases, Driver, runCases } from '../../../clients/conformance/run-cases.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

test('JavaScript does what every client does', (context) => runCases(context, new Driver([process.execPath, 'driver.ts'], folder)))

test('every signing algorithm has a case, so that each language has to sign with it', () => {
  const used = new Set(cases.map(({ options }) => options?.algorithm ?? defaultAlgorithm))
  assert.deepEqual(
    signingAlgorithmIds.filter((id) => !used.has(id)),
    [],
  )
})
