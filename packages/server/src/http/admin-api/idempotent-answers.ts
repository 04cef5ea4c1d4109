import { createHmac } from 'node:crypto'
import { GatewayError, parameterError } from '@lobbykey/contract'
import type { AdminOperationName } from '@lobbykey/contract/admin'
import type { Clock } from '../../core/base/clock.ts'
import { digest } from '../../core/base/digest.ts'
import type { Sealer } from '../../core/base/sealer.ts'
import type { Caller } from '../../operations/caller.ts'
import { type Once, withoutSecrets } from '../../operations/index.ts'

const keptMs = 86_400_000
/** How long a repeat gets a secret again, ms: long enough for a lost answer, too short to become a store of secrets. */
const secretMs = 600_000
const purpose = 'idempotent-answer'

interface Request {
  readonly key: string | string[]
  readonly name: AdminOperationName
  readonly input: Readonly<Record<string, unknown>>
  readonly caller: Caller
}

/** `Idempotency-Key`: a create that is repeated because its answer was lost gets the same answer and happens once. */
export class IdempotentAnswers {
  readonly #sealer: () => Promise<Sealer>
  readonly #clock: Clock
  readonly #secret: Uint8Array

  /** @param options.secret keys the digests of requests, which may contain a password: a dump of the store allows no guessing */
  constructor(options: { readonly sealer: () => Promise<Sealer>; readonly clock: Clock; readonly secret: Uint8Array }) {
    this.#sealer = options.sealer
    this.#clock = options.clock
    this.#secret = options.secret
  }

  /**
   * Runs the request, or finds its answer. The answer is part of the request's transaction, so it is there exactly if the deed is done.
   * @throws GatewayError invalid_parameter; what it returns throws idempotency_key_reused, conflict
   */
  async of({ key, name, input, caller }: Request): Promise<Once> {
    if (typeof key !== 'string' || !/^[!-~]{1,128}$/.test(key)) {
      throw parameterError('Idempotency-Key', 'must be one value of 1 to 128 printable characters without spaces')
    }
    const now = this.#clock.now()
    const sealer = await this.#sealer()
    const keyHash = digest('sha256', JSON.stringify([caller.operatorId, caller.origin.actor, key]))
    const requestDigest = createHmac('sha256', this.#secret)
      .update(JSON.stringify([name, sorted(input)]))
      .digest()
    return async ({ idempotentAnswers }, run) => {
      const claim = await idempotentAnswers.claim({ keyHash, requestDigest, now, expiresAt: now + keptMs })
      switch (claim.state) {
        case 'other':
          throw new GatewayError('idempotency_key_reused')
        case 'running':
          throw new GatewayError('conflict', {
            message: 'the first request under this Idempotency-Key is not answered yet; try again in a moment',
          })
        case 'answered': {
          const output = JSON.parse(Buffer.from(sealer.open(claim.sealedAnswer, purpose)).toString('utf8'))
          return now - claim.createdAt < secretMs ? output : withoutSecrets(name, output)
        }
        case 'claimed': {
          const output = await run()
          await idempotentAnswers.answer(keyHash, sealer.seal(Buffer.from(JSON.stringify(output)), purpose))
          return output
        }
      }
    }
  }
}

function sorted(input: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1))
}
