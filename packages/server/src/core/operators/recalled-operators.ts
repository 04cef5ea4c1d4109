import type {
  ApiTokenStore,
  ConsoleSessionStore,
  EventInput,
  InvitationStore,
  OperatorRecord,
  OperatorStore,
  WrittenChange,
} from '../../store/store.ts'

/** Sets again what these changes set, where a store that went back has operators as they were before; says of how many. */
export async function restoreOperatorsAgain(
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

/** Revokes these API tokens again; says how many were not. */
export async function revokeTokensAgain(
  store: Pick<ApiTokenStore, 'revoke'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.revoke(subject, null, now, eventOf('token.revoked', subject, now))) count++
  return count
}

/** Ends these console sessions again; says how many were not. */
export async function endConsoleSessionsAgain(
  store: Pick<ConsoleSessionStore, 'end'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.end(subject, null, now, eventOf('console-session.ended', subject, now))) count++
  return count
}

/** Revokes invitations that were used or revoked; says how many were open again. */
export async function revokeInvitationsAgain(
  store: Pick<InvitationStore, 'revoke'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject } of changes) if (await store.revoke(subject, now, eventOf('invitation.revoked', subject, now))) count++
  return count
}

function eventOf(kind: string, subject: string, at: number): EventInput {
  return { at, kind, surface: 'server', subject, details: { by: 'store.went_back' } }
}
