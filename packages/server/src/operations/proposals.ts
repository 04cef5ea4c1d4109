import { GatewayError, isGatewayError, parameterError, printable } from '@lobbykey/contract'
import {
  type AdminOperation,
  type AdminOperationName,
  type AdminOutput,
  adminOperation,
  adminOperationNames,
  hasRight,
  openProposals,
} from '@lobbykey/contract/admin'
import { randomId } from '../core/base/random.ts'
import { operatorsBehind } from '../core/operators/invitations.ts'
import type { ApprovalPolicy, EventInput, ProposalRecord, Store } from '../store/store.ts'
import { type Caller, verifyRight } from './caller.ts'
import { inOneTransaction } from './one-transaction.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `proposal.${string}` | `approval-policy.${string}`>

/** Runs a proposed operation, as a rehearsal or for real. */
export type RunProposed = (
  parts: OperationParts,
  name: AdminOperationName,
  input: Readonly<Record<string, unknown>>,
  caller: Caller,
  options: { readonly expectation?: number | null; readonly isDryRun?: boolean },
) => Promise<unknown>

const proposalMs = 7 * 86_400_000
/** An approved change is done within seconds. Longer than this, its process is gone: it waits for a decision again. */
const stuckMs = 60_000
/** They end any number of sessions, one after another, and wait for browsers. Done twice, they end what is left. */
const inSteps: ReadonlySet<string> = new Set<AdminOperationName>(['member.kick', 'member.kick-merchant', 'member.kick-everybody'])
/** How many operators are searched for two who could approve. */
const operatorsMax = 200

export function proposalHandlers(parts: OperationParts, run: RunProposed): Handlers<Names> {
  const { store, clock } = parts
  const eventOf = (kind: string, { id, agentId, operation }: ProposalRecord, { origin }: Caller, details = {}): EventInput => ({
    at: clock.now(),
    kind: `proposal.${kind}`,
    ...origin,
    subject: id,
    ...(agentId === null ? {} : { agentId }),
    details: { operation, ...details },
  })
  const isSeen = ({ agentId }: ProposalRecord, { agentIds }: Caller) =>
    agentIds === null || (agentId !== null && agentIds.includes(agentId))
  const find = async (id: string, caller: Caller) => {
    const found = await store.proposals.find(id)
    if (found === null || !isSeen(found, caller)) throw new GatewayError('not_found', { message: `there is no proposal ${printable(id)}` })
    return found
  }
  const show = async (id: string, caller: Caller) => view(await find(id, caller), clock.now())

  /** An undecided proposal that the caller may decide on. @throws GatewayError not_found, forbidden, merchant_not_found, conflict */
  const findToDecide = async (id: string, caller: Caller) => {
    const found = await find(id, caller)
    if (caller.sessionId === null)
      throw new GatewayError('forbidden', { message: 'a person decides, signed in to the console; no token does' })
    if (caller.operatorId === found.proposerId) throw new GatewayError('forbidden', { message: 'somebody else than the proposer decides' })
    const { operation } = nameOf(found.operation)
    const { isConfirmed: _confirmed, ...unconfirmed } = operation
    verifyRight(unconfirmed, found.input, caller)
    return found
  }
  /**
   * Under the policy, whoever came by a link of the proposer's, or the reverse, may be the same person. Links used before the policy was set do not count:
   * two people agreed to who was there. @throws GatewayError forbidden
   */
  const verifyIsAnother = async ({ operation, input, proposerId }: ProposalRecord, { operatorId }: Caller) => {
    const policy = await store.proposals.findPolicy()
    if (proposerId === null || operatorId === null || !takesApproval(policy, operation, input)) return
    const [deciding, proposing] = await Promise.all([operatorId, proposerId].map((id) => operatorsBehind(store, id, policy.updatedAt)))
    if (proposing === undefined || deciding?.isDisjointFrom(proposing) !== false) return
    throw new GatewayError('forbidden', {
      message: 'you or the proposer came by a link of the other, or of the same operator, since the policy was set: somebody else decides',
    })
  }
  /** False when the caller decided so before and lost the answer. @throws GatewayError conflict */
  const decide = async (
    { proposals }: Pick<Store, 'proposals'>,
    found: ProposalRecord,
    caller: Caller,
    state: 'approved' | 'declined' | 'withdrawn',
    word: string | null,
  ): Promise<boolean> => {
    const now = clock.now()
    const decision = { state, decidedBy: actorOf(caller), decidedAt: now, word, stuckSince: now - stuckMs }
    const event = eventOf(state, found, caller, { proposedBy: found.proposedBy, ...(word === null ? {} : { word }) })
    if (await proposals.decide(found.id, decision, event)) return true
    const decided = (await proposals.find(found.id)) ?? found
    if (decided.decidedBy === actorOf(caller) && decided.state === (state === 'approved' ? 'done' : state)) return false
    throw new GatewayError('conflict', { message: `the proposal is ${stateOf(decided, now)}: it waits for no decision` })
  }
  /** Decides and does it in one transaction. A refused one is decided, too: it failed. A failing store leaves it as it was. */
  const approveAtOnce = async (found: ProposalRecord, caller: Caller, word: string | null) => {
    const { name } = nameOf(found.operation)
    const asApproved: Caller = { ...caller, isProposed: true }
    try {
      await inOneTransaction(parts, async (inside) => {
        if (!(await decide(inside.store, found, caller, 'approved', word))) return
        await run(inside, name, found.input, asApproved, { expectation: found.readAt })
        await settleDone(inside.store, found)
      })
    } catch (error) {
      if (!isRefusal(error)) throw error
      await store.together(async (inside) => {
        if (await decide(inside, found, caller, 'approved', word)) await settleFailed(inside, found, caller, error)
      })
      throw error
    }
  }
  /** For what no transaction can hold. */
  const approveInSteps = async (found: ProposalRecord, caller: Caller, word: string | null) => {
    if (!(await decide(store, found, caller, 'approved', word))) return
    try {
      await run(parts, nameOf(found.operation).name, found.input, { ...caller, isProposed: true }, { expectation: found.readAt })
    } catch (error) {
      if (isRefusal(error)) await settleFailed(store, found, caller, error)
      throw error
    }
    await settleDone(store, found)
  }
  const settleDone = ({ proposals }: Pick<Store, 'proposals'>, { id }: ProposalRecord) =>
    proposals.settle(id, { state: 'done', problem: null, at: clock.now() }, null)
  const settleFailed = ({ proposals }: Pick<Store, 'proposals'>, found: ProposalRecord, caller: Caller, { key, details }: GatewayError) => {
    const problem = details.message ?? key
    return proposals.settle(found.id, { state: 'failed', problem, at: clock.now() }, eventOf('failed', found, caller, { problem }))
  }

  return {
    'proposal.list': ({ open, ...page }, caller) => {
      const now = clock.now()
      return readPage(
        page,
        ({ limit, after: afterId }) =>
          store.proposals.list({
            limit,
            afterId,
            agentIds: caller.agentIds ?? undefined,
            ...(open === true ? { openAt: now, stuckSince: now - stuckMs } : {}),
          }),
        ({ id }) => id,
        (found) => view(found, now),
      )
    },

    'proposal.show': ({ proposalId }, caller) => show(proposalId, caller),

    'proposal.add': async ({ operation: text, input, reason }, caller) => {
      const { name, operation } = nameOf(text)
      // A caller without the right gets the operation's own error, unless they may propose what they may not do.
      const open = openProposals[name]
      const isOpen = open !== undefined && Object.keys(input).every((field) => open.includes(field))
      const asked: Caller = {
        ...caller,
        rights: isOpen ? new Set([...caller.rights, operation.right]) : caller.rights,
        isConfirmed: true,
        isProposed: true,
      }
      verifyRight(operation, input, asked)
      const readAt = operation.kind === 'change' ? await readTime(operation, input, asked) : null
      await run(parts, name, input, asked, { expectation: readAt, isDryRun: true })
      const now = clock.now()
      const proposal: ProposalRecord = {
        id: `${now.toString(36).padStart(9, '0')}-${randomId()}`,
        operation: name,
        input,
        agentId: typeof input.agentId === 'string' ? input.agentId : null,
        readAt,
        reason,
        proposedBy: actorOf(caller),
        proposerId: caller.operatorId,
        createdAt: now,
        expiresAt: now + proposalMs,
        state: 'open',
        decidedBy: null,
        decidedAt: null,
        word: null,
        problem: null,
      }
      await store.proposals.add(proposal, eventOf('added', proposal, caller, { reason }))
      return view(proposal, now)
    },

    'proposal.withdraw': async ({ proposalId }, caller) => {
      const found = await find(proposalId, caller)
      if (found.proposerId !== caller.operatorId) throw new GatewayError('forbidden', { message: 'whoever proposed it withdraws it' })
      await decide(store, found, caller, 'withdrawn', null)
      return show(proposalId, caller)
    },

    'proposal.decline': async ({ proposalId, word }, caller) => {
      await decide(store, await findToDecide(proposalId, caller), caller, 'declined', word)
      return show(proposalId, caller)
    },

    'proposal.approve': async ({ proposalId, word = null }, caller) => {
      const found = await findToDecide(proposalId, caller)
      await verifyIsAnother(found, caller)
      await (inSteps.has(found.operation) ? approveInSteps : approveAtOnce)(found, caller, word)
      return show(proposalId, caller)
    },

    'approval-policy.show': async () => policyView(await store.proposals.findPolicy()),

    'approval-policy.update': async ({ operations, agentIds = null }, { origin }, expectation) => {
      const names = [...new Set(operations.map((text) => nameOf(text).name))].sort()
      await requireTwoApprovers(names)
      const { updatedAt, ...before } = await store.proposals.findPolicy()
      const after = { operations: names, agentIds: agentIds === null ? null : [...agentIds].sort() }
      const policy = { ...after, updatedAt: Math.max(clock.now(), updatedAt + 1) }
      const event = { at: clock.now(), kind: 'approval-policy.updated', ...origin, details: { before, after } }
      if (!(await store.proposals.setPolicy(policy, expectation ?? updatedAt, event))) throw new GatewayError('changed_meanwhile')
      return policyView(policy)
    },
  }

  /** When the object of a change was changed last. */
  async function readTime({ path }: AdminOperation, input: Readonly<Record<string, unknown>>, caller: Caller): Promise<number> {
    const reader = adminOperationNames.find((name) => adminOperation(name).path === path && adminOperation(name).method === 'GET')
    if (reader === undefined) throw new GatewayError('internal')
    const named = Object.fromEntries(Object.entries(input).filter(([field]) => path.includes(`{${field}}`)))
    const { updatedAt } = (await run(parts, reader, named, caller, {})) as { updatedAt: string }
    return Date.parse(updatedAt)
  }

  /** If only one operator could approve under a policy, nothing could be changed any more, including the policy. @throws GatewayError conflict */
  async function requireTwoApprovers(names: readonly AdminOperationName[]): Promise<void> {
    if (names.length === 0) return
    const enabled = (await store.operators.list({ limit: operatorsMax })).filter((one) => one.status === 'enabled' && one.agentIds === null)
    const able: typeof enabled = []
    for (const one of enabled) {
      const { passwordHash } = await store.operatorAccounts.findCredentials(one.id)
      if (passwordHash !== null || (await store.operatorAccounts.listPasskeys(one.id)).length > 0) able.push(one)
    }
    for (const name of [...names, 'approval-policy.update'] as const) {
      const { right } = adminOperation(name)
      const could = able.filter(({ role }) => hasRight(role, right) && hasRight(role, 'proposals.decide'))
      if (could.length < 2)
        throw new GatewayError('conflict', {
          message: `${name} could be approved by fewer than two people who can sign in; invite another first`,
        })
    }
  }
}

/** Whether somebody else has to approve it. */
export function takesApproval({ operations, agentIds }: ApprovalPolicy, name: string, input: Readonly<Record<string, unknown>>): boolean {
  if (operations.length === 0) return false
  if (name === 'approval-policy.update') return true
  if (!operations.includes(name)) return false
  return agentIds === null || input.agentId === undefined || agentIds.includes(String(input.agentId))
}

/**
 * Operations that can be proposed: changes that return no secret and do not concern the caller's own account. @throws GatewayError invalid_parameter
 */
function nameOf(text: string): { readonly name: AdminOperationName; readonly operation: AdminOperation } {
  const name = adminOperationNames.find((known) => known === text)
  const operation = name === undefined ? null : adminOperation(name)
  const canWait = operation !== null && operation.event !== null && operation.secrets === undefined && operation.method !== 'GET'
  if (name === undefined || operation === null || !canWait || operation.right === 'self' || /^(?:proposal\.|audit\.)/.test(name))
    throw parameterError('operation', `${printable(text)} is no change that can wait for approval`)
  return { name, operation }
}

function actorOf({ origin }: Caller): string {
  return origin.actor ?? origin.surface
}

/** Whether the change was refused, in contrast to a store or a server that failed. */
function isRefusal(error: unknown): error is GatewayError {
  return isGatewayError(error) && error.key !== 'store_unavailable' && error.key !== 'internal'
}

function stateOf({ state: stored, decidedAt, expiresAt }: ProposalRecord, now: number) {
  const isStuck = stored === 'approved' && decidedAt !== null && decidedAt <= now - stuckMs
  const state = isStuck ? 'open' : stored
  return state === 'open' && expiresAt <= now ? 'expired' : state
}

function view(found: ProposalRecord, now: number): AdminOutput<'proposal.show'> {
  const { id, operation, input, agentId, reason, proposedBy, createdAt, expiresAt, decidedBy, decidedAt, word, problem } = found
  return {
    proposalId: id,
    operation,
    input: { ...input },
    agentId,
    reason,
    state: stateOf(found, now),
    proposedBy,
    createdAt: timeValue(createdAt),
    expiresAt: timeValue(expiresAt),
    decidedBy,
    decidedAt: timeValue(decidedAt),
    word,
    problem,
  }
}

function policyView({ operations, agentIds, updatedAt }: ApprovalPolicy): AdminOutput<'approval-policy.show'> {
  return { operations: [...operations], agentIds: agentIds === null ? null : [...agentIds], updatedAt: timeValue(updatedAt) }
}
