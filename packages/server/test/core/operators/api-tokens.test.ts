import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasRight, type Right, rights, roles } from '@lobbykey/contract/admin'
import { ApiTokens, verifyGrant } from '../../../src/core/operators/api-tokens.ts'
import { OperatorAdmin } from '../../../src/core/operators/operator-admin.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const origin = { surface: 'cli' } as const
const owner = { rights: new Set<Right>(roles.owner.rights), agentIds: null }

eachStore('API tokens', (subject) => {
  test('[check 93] a token held to addresses opens nothing for a caller without one; nobody gets a right that its operator lacks', async () => {
    const clock = new ManualClock()
    const admin = new OperatorAdmin({ store: subject.store.operators, clock, origin })
    const operator = await admin.add({ email: 'support@example.com', name: 'One', role: 'support', agentIds: null })
    const tokens = new ApiTokens({ store: subject.store.apiTokens, clock })
    const { token } = await tokens.add(operator, owner, { name: 'one', allow: ['192.0.2.1'], allowConfirmed: false, days: 1 }, origin)
    assert.equal((await tokens.authenticate(token, '192.0.2.1')).operator.id, operator.id)
    for (const address of [null, '192.0.2.2']) await assert.rejects(tokens.authenticate(token, address), { key: 'not_signed_in' })
    for (const right of Object.keys(rights) as Right[]) {
      const grant = () => verifyGrant(operator, owner, { rights: [right] })
      if (hasRight('support', right)) assert.deepEqual(grant().rights, [right])
      else assert.throws(grant, { key: 'forbidden' }, right)
    }
  })
})
