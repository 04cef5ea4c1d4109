import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachStore } from '../support/stores.ts'
import { digest, sampleEvent, start, uniqueName } from './samples.ts'

eachStore('invitations', (subject) => {
  test('[check 9] one that was revoked or ran out after it was found is not accepted', async () => {
    const { invitations } = subject.store
    const add = async () => {
      const id = uniqueName('invitation')
      const tokenHash = digest(id)
      const account = { operatorId: id, email: `${id}@example.com`, name: 'One', role: 'owner', agentIds: null, isReset: false } as const
      const times = { createdAt: start, expiresAt: start + 1_000, usedAt: null, revokedAt: null }
      await invitations.add({ id, tokenHash, ...account, invitedBy: 'cli', ...times }, sampleEvent())
      const accept = (now: number) => {
        const password = { passwordHash: 'x', sealedTotp: new Uint8Array(1), totpStep: 1, recoveryCodeHashes: [] }
        const session = {
          ...({ id, operatorId: id, tokenHash, method: 'password', address: null, addressKey: null, userAgent: null } as const),
          ...{ createdAt: now, seenAt: now, expiresAt: now + 1_000, confirmedAt: null, endedAt: null },
        }
        return invitations.accept({ tokenHash, credentials: { password }, session, now, event: sampleEvent() })
      }
      return { id, accept }
    }
    assert.equal(await (await add()).accept(start + 1_000), 'over')
    const revoked = await add()
    assert.equal(await invitations.revoke(revoked.id, start, sampleEvent()), true)
    assert.equal(await revoked.accept(start), 'over')
    const open = await add()
    assert.deepEqual([await open.accept(start + 999), await open.accept(start + 999)], ['accepted', 'over'])
  })
})
