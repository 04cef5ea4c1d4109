/** What proves a sign-in is used up once, by its own operator, and not after the credentials have changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperatorAdmin } from '../../src/core/operators/operator-admin.ts'
import type { SqlStore } from '../../src/store/open-store.ts'
import { spendProof } from '../../src/store/sql/operator-proofs.ts'
import type { SignInProof } from '../../src/store/store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { eachStore } from '../support/stores.ts'
import { digest, start, uniqueName } from './samples.ts'

eachStore('proofs of operators', (subject) => {
  const sql = () => (subject.store as SqlStore).database
  const addOperator = async () => {
    const admin = new OperatorAdmin({ store: subject.store.operators, clock: new ManualClock(), origin: { surface: 'cli' } })
    const { id } = await admin.add({ email: `${uniqueName('operator')}@example.com`, name: 'One', role: 'owner', agentIds: null })
    const row = { operator_id: id, password_hash: null, sealed_totp: null, totp_step: null, updated_at: start }
    await sql().run((db) => db.insertInto('operator_credentials').values(row).execute())
    return id
  }
  const spend = (operatorId: string, proof: SignInProof) => sql().transaction((tx) => spendProof(tx, operatorId, proof, start))

  test('[check 63] a code of the app opens once, never an earlier one after it, and none after the credentials have changed', async () => {
    const [operator, other] = [await addOperator(), await addOperator()]
    const totp = (step: number, credentialsUpdatedAt = start) => ({ kind: 'totp', step, credentialsUpdatedAt }) as const
    assert.equal(await spend(operator, totp(100, start - 1)), false)
    assert.equal(await spend(operator, totp(100)), true)
    for (const step of [100, 99]) assert.equal(await spend(operator, totp(step)), false)
    assert.equal(await spend(operator, totp(101)), true)
    assert.equal(await spend(other, totp(100)), true)
  })

  test('[check 63] a recovery code opens once, for its own operator, and not after the credentials have changed', async () => {
    const [operator, other] = [await addOperator(), await addOperator()]
    const codeHash = digest(uniqueName('code'))
    await sql().run((db) => db.insertInto('recovery_codes').values({ operator_id: operator, code_hash: codeHash }).execute())
    const proof = { kind: 'recovery-code', codeHash, credentialsUpdatedAt: start } as const
    assert.equal(await spend(other, proof), false)
    assert.equal(await spend(operator, { ...proof, credentialsUpdatedAt: start - 1 }), false)
    assert.equal(await spend(operator, proof), true)
    assert.equal(await spend(operator, proof), false)
  })

  test("[check 63] a passkey's counter has to rise, unless it has none; a challenge is answered once, by the passkey's operator", async () => {
    const [operator, other] = [await addOperator(), await addOperator()]
    const passkeyId = uniqueName('passkey')
    const row = { id: passkeyId, operator_id: operator, name: 'Key', public_key: new Uint8Array(1), sign_count: 0, transports: '[]' }
    await sql().run((db) =>
      db
        .insertInto('passkeys')
        .values({ ...row, created_at: start, last_used_at: null })
        .execute(),
    )
    const passkey = (signCount: number, challengeHash = digest(uniqueName('challenge'))) =>
      ({ kind: 'passkey', passkeyId, signCount, challengeHash, challengeExpiresAt: start + 60_000 }) as const
    const first = passkey(0)
    assert.equal(await spend(operator, first), true)
    assert.equal(await spend(operator, first), false, 'the same challenge')
    assert.equal(await spend(operator, passkey(0)), true, 'no counter')
    assert.equal(await spend(other, passkey(1)), false)
    assert.equal(await spend(operator, passkey(5)), true)
    for (const count of [5, 4, 0]) assert.equal(await spend(operator, passkey(count)), false, String(count))
  })
})
