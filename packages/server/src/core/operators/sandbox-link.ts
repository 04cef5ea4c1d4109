import { GatewayError } from '@lobbykey/contract'
import type { OperatorStore, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { isLoopbackAddress } from '../base/network-address.ts'
import { randomText } from '../base/random.ts'
import type { ConsoleSessions, OpenedSession } from './console-sessions.ts'
import { OperatorAdmin } from './operator-admin.ts'
import type { Visitor } from './visitor.ts'

const email = 'owner@sandbox.example'

/**
 * The sandbox console's sign-in link. Its secret is new at every start, works once and from this machine only, and is stored nowhere (checks 10, 95).
 * Whoever has it owns the sandbox, and confirms with a click.
 */
export class SandboxLink {
  readonly #secret = randomText(32)
  readonly #digest = digest('sha256', this.#secret).toString('hex')
  #isUsed = false

  /** @param adminUrl of the admin listener, once it listens */
  url(adminUrl: string): string {
    return `${adminUrl}/sign-in?to=/console#sandbox.${this.#secret}`
  }

  /** @throws GatewayError invitation_over */
  async open(
    secret: string,
    visitor: Visitor,
    { operators, sessions, clock }: { readonly operators: OperatorStore; readonly sessions: ConsoleSessions; readonly clock: Clock },
  ): Promise<OpenedSession> {
    const isRight = digest('sha256', secret).toString('hex') === this.#digest
    const isHere = visitor.address !== null && isLoopbackAddress(visitor.address)
    if (!isRight || !isHere || this.#isUsed)
      throw new GatewayError('invitation_over', { message: 'Start the sandbox again for a new link.' })
    this.#isUsed = true
    const operator = await findSandboxOwner({ operators }, clock)
    const opened = await sessions.open(operator, 'sandbox', { kind: 'sandbox' }, visitor)
    if (opened === null) throw new GatewayError('invitation_over')
    return opened
  }
}

async function findSandboxOwner({ operators: store }: Pick<Store, 'operators'>, clock: Clock) {
  const there = await store.findByEmail(email)
  if (there !== null) return there
  const admin = new OperatorAdmin({ store, clock, origin: { surface: 'server' } })
  return admin.add({ email, name: 'Owner of the sandbox', role: 'owner', agentIds: null })
}
