import type {
  ApiTokenStore,
  ConsoleSessionStore,
  EventInput,
  HandOverStore,
  InvitationStore,
  OperatorRecord,
  OperatorStore,
  ProposalRecord,
  ProposalStore,
  WrittenChange,
} from '../../store/store.ts'

/** Reapplies these changes where a store that went back has older states of operators; returns how many it changed. */
export async function reapplyOperatorChanges(
  store: Pick<OperatorStore, 'find' | 'update'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject, detail } of changes) {
    const known = JSON.parse(detail ?? '{}') as Pick<OperatorRecord, 'role' | 'agentIds' | 'status' | 'updatedAt'>
    const operator = await store.find(subject)
    if (operator === null || operator.updatedAt >= known.updatedAt) continue
    const event = eventOf('operator.updated', subject, now)
    if ((await store.update({ ...operator, ...known }, operator.updatedAt, event)) === 'updated') count++
  }
  return count
}

/** Revokes these API tokens again; returns how many were not revoked. */
export async function revokeTokensAgain(
  store: Pick<ApiTokenStore, 'revoke'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.revoke(subject, null, now, eventOf('token.revoked', subject, now))) count++
  return count
}

/** Ends these console sessions again; returns how many were open. */
export async function endConsoleSessionsAgain(
  store: Pick<ConsoleSessionStore, 'end'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.end(subject, null, now, eventOf('console-session.ended', subject, now))) count++
  return count
}

/** Revokes invitations that were used or revoked; returns how many were open again. */
export async function revokeInvitationsAgain(
  store: Pick<InvitationStore, 'revoke'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.revoke(subject, now, eventOf('invitation.revoked', subject, now))) count++
  return count
}

/** Removes hand-over links that were opened; returns how many were there again. */
export async function removeHandOversAgain(
  store: Pick<HandOverStore, 'remove'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.remove(subject, eventOf('hand-over.ended', subject, now))) count++
  return count
}

/** Decides proposals as they were; returns how many were open again. */
export async function decideProposalsAgain(
  store: Pick<ProposalStore, 'decideAgain'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject, detail } of changes) {
    if (await store.decideAgain(subject, detail as ProposalRecord['state'], eventOf('proposal.decided_again', subject, now))) count++
  }
  return count
}

function eventOf(kind: string, subject: string, at: number): EventInput {
  return { at, kind, surface: 'server', subject, details: { by: 'store.went_back' } }
}
