import type {
  ApiTokenStore,
  ConnectionRequestStore,
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
export function revokeTokensAgain(store: Pick<ApiTokenStore, 'revoke'>, changes: readonly WrittenChange[], now: number): Promise<number> {
  return countWritten(changes, ({ subject }) => store.revoke(subject, null, now, eventOf('token.revoked', subject, now)))
}

/** Ends these console sessions again; returns how many were open. */
export function endConsoleSessionsAgain(
  store: Pick<ConsoleSessionStore, 'end'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  return countWritten(changes, ({ subject }) => store.end(subject, null, now, eventOf('console-session.ended', subject, now)))
}

/** Revokes invitations that were used or revoked; returns how many were open again. */
export function revokeInvitationsAgain(
  store: Pick<InvitationStore, 'revoke'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  return countWritten(changes, ({ subject }) => store.revoke(subject, now, eventOf('invitation.revoked', subject, now)))
}

/** Removes hand-over links that were opened; returns how many were there again. */
export function removeHandOversAgain(
  store: Pick<HandOverStore, 'remove'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  return countWritten(changes, ({ subject }) => store.remove(subject, eventOf('hand-over.ended', subject, now)))
}

/** Removes requests whose token was fetched; returns how many were there again. */
export function removeConnectionRequestsAgain(
  store: Pick<ConnectionRequestStore, 'remove'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  return countWritten(changes, ({ subject }) => store.remove(subject, eventOf('connection.ended', subject, now)))
}

/** Decides proposals as they were; returns how many were open again. */
export function decideProposalsAgain(
  store: Pick<ProposalStore, 'decideAgain'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  return countWritten(changes, ({ subject, detail }) =>
    store.decideAgain(subject, detail as ProposalRecord['state'], eventOf('proposal.decided_again', subject, now)),
  )
}

/** @param write tells whether the store had it otherwise. Writes one after the other. */
async function countWritten(changes: readonly WrittenChange[], write: (change: WrittenChange) => Promise<boolean>): Promise<number> {
  let count = 0
  for (const change of changes) if (await write(change)) count++
  return count
}

function eventOf(kind: string, subject: string, at: number): EventInput {
  return { at, kind, surface: 'server', subject, details: { by: 'store.went_back' } }
}
