import { loginRefusalOf, type MemberStatus, mayBet } from '@lobbykey/contract'
import type { MemberSessionStore, MemberStore, SessionEndReason, WrittenChange } from '../../store/store.ts'

/** Ends sessions again that a store that went back shows as open. @returns how many */
export function endSessionsAgain(store: Pick<MemberSessionStore, 'endAgain'>, changes: readonly WrittenChange[]): Promise<number> {
  return store.endAgain(
    changes.map(({ subject, at, detail }) => ({
      tokenHash: Buffer.from(subject, 'hex'),
      // What the store wrote there.
      reason: detail as SessionEndReason,
      endedAt: at,
    })),
  )
}

/** The restrictions of a status. */
function strictnessOf(status: string): number {
  return (loginRefusalOf(status) === null ? 0 : 2) + (mayBet(status) ? 0 : 1)
}

/** Locks and erases members again after a store went back. Unlocks nobody. @returns how many */
export async function restrictMembersAgain(
  store: Pick<MemberStore, 'find' | 'setStatus' | 'erase'>,
  changes: readonly WrittenChange[],
  now: number,
): Promise<number> {
  let count = 0
  for (const { subject, at, detail } of changes) {
    const [agentId = '', userId = ''] = subject.split(':')
    const member = await store.find(agentId, userId)
    // A session created later is another one.
    if (member === null || member.createdAt > at) continue
    const event = { at: now, surface: 'server', agentId, subject: userId } as const
    const by = 'store.went_back'
    if (detail === 'erased') {
      await store.erase({ agentId, userId, now }, { ...event, kind: 'member.erased', details: { by } })
    } else {
      const status = detail as MemberStatus
      if (strictnessOf(status) <= strictnessOf(member.status)) continue
      await store.setStatus({ agentId, userId, status, now }, null, { ...event, kind: 'member.locked', details: { status, by } })
    }
    count++
  }
  return count
}
