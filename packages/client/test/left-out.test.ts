import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdminClient } from 'lobbykey-client/admin'
import { createSessionGuard, createVerifier } from 'lobbykey-client/verify'

/** What a setting is that nobody has set. The merchant's and seller's clients have cases in clients/conformance. */
const missing = process.env.NO_SUCH_SETTING as string
const baseUrl = 'https://login.example.com'

test('an option that was left out is named when the client is made', () => {
  const made = {
    baseUrl: [
      () => new AdminClient({ baseUrl: missing }),
      () => createSessionGuard({ baseUrl: missing, serviceId: 'game', secret: 's' }),
      () => createVerifier({ issuer: baseUrl, baseUrl: 'login.example.com' }),
    ],
    issuer: [() => createVerifier({ issuer: missing })],
    serviceId: [() => createSessionGuard({ baseUrl, serviceId: '', secret: 's' })],
    secret: [() => createSessionGuard({ baseUrl, serviceId: 'game', secret: missing })],
  }
  for (const [name, makers] of Object.entries(made)) {
    for (const make of makers) assert.throws(make, { name: 'TypeError', message: new RegExp(`^${name} must be`) })
  }
})
