import type { OperatorAccountStore, OperatorCredentials, SignInProof } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { Sealer } from '../base/sealer.ts'
import { recoveryCodeHash } from './recovery-codes.ts'
import { findTotpStep } from './totp.ts'

/** Codes that a person types: from the authenticator app, or a recovery code. */
export class SecondFactor {
  readonly #store: Pick<OperatorAccountStore, 'hasRecoveryCode'>
  readonly #sealer: Sealer
  readonly #clock: Clock

  constructor(options: { readonly store: Pick<OperatorAccountStore, 'hasRecoveryCode'>; readonly sealer: Sealer; readonly clock: Clock }) {
    this.#store = options.store
    this.#sealer = options.sealer
    this.#clock = options.clock
  }

  seal(operatorId: string, secret: Uint8Array): Uint8Array {
    return this.#sealer.seal(secret, purposeOf(operatorId))
  }

  /** What a code proves; null for nothing. The store detects a repeated use when the proof is spent. */
  async prove(operatorId: string, credentials: OperatorCredentials, code: string): Promise<SignInProof | null> {
    const { sealedTotp, updatedAt: credentialsUpdatedAt } = credentials
    const codeHash = recoveryCodeHash(code)
    if (codeHash !== null) {
      const isThere = await this.#store.hasRecoveryCode(operatorId, codeHash)
      return isThere ? { kind: 'recovery-code', codeHash, credentialsUpdatedAt } : null
    }
    if (sealedTotp === null) return null
    const step = findTotpStep(this.#sealer.open(sealedTotp, purposeOf(operatorId)), code, this.#clock.now())
    return step === null ? null : { kind: 'totp', step, credentialsUpdatedAt }
  }
}

function purposeOf(operatorId: string): string {
  return `operator-totp:${operatorId}`
}
