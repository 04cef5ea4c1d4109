import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findNodeWarning } from '../../src/cli/node-release.ts'

test('a Node.js without known security fixes causes a warning', () => {
  for (const version of ['24.22.1', '24.23.0', '26.12.1', '26.13.0', '27.0.0', '28.1.2'])
    assert.equal(findNodeWarning(version), null, version)
  for (const version of ['24.22.0', '24.1.9', '26.12.0', '26.10.0'])
    assert.match(String(findNodeWarning(version)), /lacks security fixes/, version)
  for (const version of ['25.9.0', '22.23.4']) assert.match(String(findNodeWarning(version)), /gets no security fixes/, version)
})
