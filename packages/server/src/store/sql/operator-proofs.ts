import type { SignInProof } from '../store.ts'
import type { Connection } from './database.ts'

/** Uses up a proof, in the caller's transaction. False when it is used already or no longer belongs to the operator. */
export async function spendProof(tx: Connection, operatorId: string, proof: SignInProof, now: number): Promise<boolean> {
  switch (proof.kind) {
    case 'totp': {
      const used = await tx
        .updateTable('operator_credentials')
        .set({ totp_step: proof.step })
        .where('operator_id', '=', operatorId)
        .where('updated_at', '=', proof.credentialsUpdatedAt)
        .where((is) => is.or([is('totp_step', 'is', null), is('totp_step', '<', proof.step)]))
        .returning('operator_id')
        .executeTakeFirst()
      return used !== undefined
    }
    case 'recovery-code': {
      const current = await tx
        .selectFrom('operator_credentials')
        .select('operator_id')
        .where('operator_id', '=', operatorId)
        .where('updated_at', '=', proof.credentialsUpdatedAt)
        .executeTakeFirst()
      if (current === undefined) return false
      const used = await tx
        .deleteFrom('recovery_codes')
        .where('code_hash', '=', proof.codeHash)
        .where('operator_id', '=', operatorId)
        .returning('code_hash')
        .executeTakeFirst()
      return used !== undefined
    }
    case 'passkey': {
      if (!(await spend(tx, proof.challengeHash, proof.challengeExpiresAt))) return false
      const used = await tx
        .updateTable('passkeys')
        .set({ sign_count: proof.signCount, last_used_at: now })
        .where('id', '=', proof.passkeyId)
        .where('operator_id', '=', operatorId)
        // Authenticators without a counter always report zero.
        .where((is) => is.or([is('sign_count', '<', proof.signCount), is.and([is('sign_count', '=', 0), is.val(proof.signCount === 0)])]))
        .returning('id')
        .executeTakeFirst()
      return used !== undefined
    }
    case 'sso':
      return spend(tx, proof.answerHash, proof.answerExpiresAt)
    case 'sandbox':
      return true
  }
}

/** False when it is spent already. */
async function spend(tx: Connection, hash: Uint8Array, expiresAt: number): Promise<boolean> {
  const fresh = await tx
    .insertInto('spent_challenges')
    .values({ challenge_hash: hash, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('challenge_hash').doNothing())
    .returning('challenge_hash')
    .executeTakeFirst()
  return fresh !== undefined
}

/** Whether the account may sign in now with this proof: one with single sign-on by nothing else, since only its provider knows who is still there. */
export async function maySignIn(tx: Connection, operatorId: string, proof: SignInProof): Promise<boolean> {
  const operator = await tx.selectFrom('operators').select(['status', 'sso_issuer']).where('id', '=', operatorId).executeTakeFirst()
  return operator?.status === 'enabled' && (operator.sso_issuer !== null) === (proof.kind === 'sso')
}

/** Whether the account is enabled. If it is being disabled at this moment, the session is refused at its first use. */
export async function isEnabled(tx: Connection, operatorId: string): Promise<boolean> {
  const operator = await tx.selectFrom('operators').select('status').where('id', '=', operatorId).executeTakeFirst()
  return operator?.status === 'enabled'
}
