import { GatewayError, printable } from '@lobbykey/contract'
import type { Role } from '@lobbykey/contract/admin'
import { AddressList } from '../base/address-list.ts'

/** Addresses from which operators may sign in and use tokens (`ADMIN_ALLOW`). Partners, who are other companies' people, may from anywhere. */
export class OperatorAddresses {
  readonly #list: AddressList
  readonly #isEverywhere: boolean

  /** @param blocks CIDR blocks */
  constructor(blocks: readonly string[]) {
    this.#list = new AddressList(blocks)
    this.#isEverywhere = ['0.0.0.0/0', '::/0'].every((block) => blocks.includes(block))
  }

  /** @param address null when unknown. @throws GatewayError operator_address_refused */
  verify(role: Role, address: string | null): void {
    if (this.#isEverywhere || role === 'partner' || (address !== null && this.#list.has(address))) return
    throw new GatewayError('operator_address_refused', {
      message: `operators are not let in from ${printable(address ?? 'an unknown address')}`,
    })
  }
}
