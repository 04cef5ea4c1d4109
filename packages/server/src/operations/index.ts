/**
 * Every operation of the operator plane as it is done: the list of the contract on one side, the core's rules on the other. Faces (admin API, command
 * line) call `Operations.run` and hold no rule; this folder holds none either, but who may (`caller.ts`).
 */
import { compileFields, GatewayError } from '@lobbykey/contract'
import { type AdminInput, type AdminOperationName, type AdminOutput, adminOperation } from '@lobbykey/contract/admin'
import { accountHandlers } from './accounts.ts'
import { auditHandlers } from './audit.ts'
import { type Caller, verifyRight } from './caller.ts'
import { callHandlers } from './calls.ts'
import { catalogueHandlers } from './catalogue.ts'
import { eventHandlers } from './events.ts'
import { memberSessionHandlers } from './member-sessions.ts'
import { memberHandlers } from './members.ts'
import { merchantHandlers } from './merchants.ts'
import { operatorHandlers } from './operators.ts'
import type { Handler, Handlers, OperationParts } from './parts.ts'
import { proposalHandlers, type RunProposed, takesApproval } from './proposals.ts'
import { sellerHandlers } from './sellers.ts'
import { serviceHandlers } from './services.ts'
import { signingKeyHandlers } from './signing-keys.ts'
import { statusHandlers } from './status.ts'
import { throttleHandlers } from './throttles.ts'
import { traceHandlers } from './traces.ts'

export interface RunOptions {
  /** Everything is checked and answered, and nothing done; a secret that was not made is not told. */
  readonly isDryRun?: boolean
  /** When what is changed must have been changed last, in ms; null: whenever. */
  readonly expectation?: number | null
}

export class Operations {
  readonly #parts: OperationParts
  readonly #handlers: Handlers

  constructor(parts: OperationParts) {
    this.#parts = parts
    this.#handlers = handlersOver(parts, (name, input, caller, options) => this.run(name, input, caller, options))
  }

  /**
   * @param input as it came, unchecked
   * @throws GatewayError invalid_parameter; forbidden, confirmation_required, merchant_not_found; whatever the operation says
   */
  async run<Name extends AdminOperationName>(
    name: Name,
    input: Readonly<Record<string, unknown>>,
    caller: Caller,
    { expectation = null, isDryRun = false }: RunOptions = {},
  ): Promise<AdminOutput<Name>> {
    // Who may not do it does not hear what is wrong with it.
    verifyRight(adminOperation(name), input, caller)
    const checked = checkOf(name)(input) as AdminInput<Name>
    await this.#verifyApproval(name, checked as Readonly<Record<string, unknown>>, caller)
    if (isDryRun) return this.#rehearse(name, checked, caller, expectation)
    const handler: Handler<Name> = this.#handlers[name]
    return handler(checked, caller, expectation)
  }

  /** Whoever has the store stands above the policy, and could change it there. @throws GatewayError approval_required */
  async #verifyApproval(name: AdminOperationName, input: Readonly<Record<string, unknown>>, caller: Caller): Promise<void> {
    const { event, method } = adminOperation(name)
    if (event === null || method === 'GET' || caller.operatorId === null || caller.isProposed) return
    if (takesApproval(await this.#parts.store.proposals.findPolicy(), name, input)) throw new GatewayError('approval_required')
  }

  async #rehearse<Name extends AdminOperationName>(
    name: Name,
    input: AdminInput<Name>,
    caller: Caller,
    expectation: number | null,
  ): Promise<AdminOutput<Name>> {
    // Before the transaction, which on SQLite has the only connection: a sealer that is opened within would wait for it forever. Whoever needs one hears then.
    await this.#parts.sealer().catch(() => null)
    return this.#parts.store.rehearse(async (store) => {
      const rehearsal = new Operations({ ...this.#parts, store, isRehearsal: true })
      const handler: Handler<Name> = rehearsal.#handlers[name]
      return withoutSecrets(name, await handler(input, caller, expectation))
    })
  }
}

function handlersOver(parts: OperationParts, run: RunProposed): Handlers {
  return {
    ...merchantHandlers(parts),
    ...serviceHandlers(parts),
    ...operatorHandlers(parts),
    ...catalogueHandlers(parts),
    ...signingKeyHandlers(parts),
    ...statusHandlers(parts),
    ...memberHandlers(parts),
    ...memberSessionHandlers(parts),
    ...callHandlers(parts),
    ...eventHandlers(parts),
    ...auditHandlers(parts),
    ...traceHandlers(parts),
    ...accountHandlers(parts),
    ...proposalHandlers(parts, run),
    ...sellerHandlers(parts),
    ...throttleHandlers(parts),
  }
}

/** An answer without what only the call that made it may tell. */
export function withoutSecrets<Name extends AdminOperationName>(name: Name, output: AdminOutput<Name>): AdminOutput<Name> {
  const secrets = adminOperation(name).secrets ?? []
  return Object.fromEntries(Object.entries(output).filter(([field]) => !secrets.includes(field))) as AdminOutput<Name>
}

const checks = new Map<AdminOperationName, (input: Record<string, unknown>) => unknown>()

/** Compiled when first asked for: a command line needs one of them. */
function checkOf(name: AdminOperationName): (input: Readonly<Record<string, unknown>>) => unknown {
  const check = checks.get(name) ?? compileFields(adminOperation(name).input)
  checks.set(name, check)
  return (input) => check({ ...input })
}
