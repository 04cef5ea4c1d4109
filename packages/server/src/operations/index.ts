/**
 * Runs every operation of the operator plane: connects the contract's list with the core's rules. Interfaces (admin API, command line) call
 * `Operations.run` and contain no rules; this folder contains only the permission checks (`caller.ts`).
 */
import { compileFields, GatewayError } from '@lobbykey/contract'
import { type AdminInput, type AdminOperationName, type AdminOutput, adminOperation } from '@lobbykey/contract/admin'
import type { Store } from '../store/store.ts'
import { accountHandlers } from './accounts.ts'
import { auditHandlers } from './audit.ts'
import { brandHandlers } from './brands.ts'
import { type Caller, verifyRight } from './caller.ts'
import { callHandlers } from './calls.ts'
import { catalogueHandlers } from './catalogue.ts'
import { connectionHandlers } from './connections.ts'
import { eventHandlers } from './events.ts'
import { memberSessionHandlers } from './member-sessions.ts'
import { memberHandlers } from './members.ts'
import { merchantHandlers } from './merchants.ts'
import { inOneTransaction, inRehearsal } from './one-transaction.ts'
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
  /** Checks and answers, but changes nothing; returns no secret, since none was made. */
  readonly isDryRun?: boolean
  /** When the changed object must have been changed last, ms; null: any time. */
  readonly expectation?: number | null
  /** Runs a create inside its transaction, or returns the answer that it got before. */
  readonly once?: Once
}

/** Has the same result as `run`, now or when it was run first. */
export type Once = (store: Store, run: () => Promise<unknown>) => Promise<unknown>

export class Operations {
  readonly #parts: OperationParts
  readonly #handlers: Handlers

  constructor(parts: OperationParts) {
    this.#parts = parts
    this.#handlers = handlersOver(parts)
  }

  /**
   * @param input unchecked
   * @throws GatewayError invalid_parameter; forbidden, confirmation_required, merchant_not_found; the operation's own errors
   */
  async run<Name extends AdminOperationName>(
    name: Name,
    input: Readonly<Record<string, unknown>>,
    caller: Caller,
    { expectation = null, isDryRun = false, once }: RunOptions = {},
  ): Promise<AdminOutput<Name>> {
    // Rights first: an unauthorised caller learns nothing about its input.
    verifyRight(adminOperation(name), input, caller)
    const checked = checkOf(name)(input) as AdminInput<Name>
    await this.#verifyApproval(name, checked as Readonly<Record<string, unknown>>, caller)
    const handle = (handlers: Handlers): Promise<AdminOutput<Name>> => {
      const handler: Handler<Name> = handlers[name]
      return handler(checked, caller, expectation)
    }
    if (isDryRun) return withoutSecrets(name, await inRehearsal(this.#parts, (parts) => handle(handlersOver(parts))))
    if (adminOperation(name).kind !== 'create') return handle(this.#handlers)
    // What a create makes and the secret that opens it belong together, and whoever lost the answer may ask again.
    return inOneTransaction(this.#parts, (parts) => {
      const run = () => handle(handlersOver(parts))
      return once === undefined ? run() : (once(parts.store, run) as Promise<AdminOutput<Name>>)
    })
  }

  /** A local caller is exempt, since it could change the policy in the store. @throws GatewayError approval_required */
  async #verifyApproval(name: AdminOperationName, input: Readonly<Record<string, unknown>>, caller: Caller): Promise<void> {
    const { event, method } = adminOperation(name)
    if (event === null || method === 'GET' || caller.operatorId === null || caller.isProposed) return
    if (takesApproval(await this.#parts.store.proposals.findPolicy(), name, input)) throw new GatewayError('approval_required')
  }
}

function handlersOver(parts: OperationParts): Handlers {
  const run: RunProposed = (within, name, input, caller, options) => new Operations(within).run(name, input, caller, options)
  return {
    ...merchantHandlers(parts),
    ...brandHandlers(parts),
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
    ...connectionHandlers(parts),
    ...proposalHandlers(parts, run),
    ...sellerHandlers(parts),
    ...throttleHandlers(parts),
  }
}

/** A result without the values that only the original caller may see. */
export function withoutSecrets<Name extends AdminOperationName>(name: Name, output: AdminOutput<Name>): AdminOutput<Name> {
  const secrets = adminOperation(name).secrets ?? []
  return Object.fromEntries(Object.entries(output).filter(([field]) => !secrets.includes(field))) as AdminOutput<Name>
}

const checks = new Map<AdminOperationName, (input: Record<string, unknown>) => unknown>()

/** Compiled on first use: a command line needs only one. */
function checkOf(name: AdminOperationName): (input: Readonly<Record<string, unknown>>) => unknown {
  const check = checks.get(name) ?? compileFields(adminOperation(name).input)
  checks.set(name, check)
  return (input) => check({ ...input })
}
