import type { Clock } from './core/base/clock.ts'
import { endSessionsAgain, restrictMembersAgain } from './core/member-sessions/reapply-ends.ts'
import { ReplayFloor } from './core/members/replay-floor.ts'
import {
  decideProposalsAgain,
  endConsoleSessionsAgain,
  reapplyOperatorChanges,
  removeConnectionRequestsAgain,
  removeHandOversAgain,
  revokeInvitationsAgain,
  revokeTokensAgain,
} from './core/operators/reapply-operators.ts'
import { RecentChanges } from './core/records/recent-changes.ts'
import { type RecoveryReport, StoreRecovery } from './core/records/store-recovery.ts'
import { RecentSellers } from './core/sellers/recent-sellers.ts'
import type { SellerSessionEndReason, Store, WrittenChange } from './store/store.ts'

export interface RecoveryServices {
  /** What it does when the store went back; further rewrites for other caches are added to it. */
  readonly recovery: StoreRecovery
  readonly recentChanges: RecentChanges
  readonly recentSellers: RecentSellers
  readonly replayFloor: ReplayFloor
  /** Called with this process's own changes. */
  readonly noteWritten: (changes: readonly WrittenChange[]) => void
}

/** What a process remembers in case the store goes back, and how it rewrites that. */
export function openRecoveryServices({
  store,
  clock,
  onRecovered,
}: {
  readonly store: Store
  readonly clock: Clock
  readonly onRecovered: (report: RecoveryReport) => void
}): RecoveryServices {
  const recentChanges = new RecentChanges({ clock })
  const recentSellers = new RecentSellers({ store: store.sellers, clock })
  const replayFloor = new ReplayFloor(store.changes)
  const recovery = new StoreRecovery({
    store,
    clock,
    detail: () => replayFloor.mark(clock.now()),
    remembersSince: () => recentChanges.since,
    onRecovered,
  })
  const families = () => Map.groupBy(recentChanges.list('seller-session'), ({ detail }) => detail as SellerSessionEndReason)
  recovery.remember('operators', () => reapplyOperatorChanges(store.operators, recentChanges.list('operator'), clock.now()))
  recovery.remember('apiTokens', () => revokeTokensAgain(store.apiTokens, recentChanges.list('api-token'), clock.now()))
  recovery.remember('consoleSessions', () =>
    endConsoleSessionsAgain(store.consoleSessions, recentChanges.list('console-session'), clock.now()),
  )
  recovery.remember('invitations', () => revokeInvitationsAgain(store.invitations, recentChanges.list('invitation'), clock.now()))
  recovery.remember('handOvers', () => removeHandOversAgain(store.handOvers, recentChanges.list('hand-over'), clock.now()))
  recovery.remember('connections', () =>
    removeConnectionRequestsAgain(store.connectionRequests, recentChanges.list('connection'), clock.now()),
  )
  recovery.remember('proposals', () => decideProposalsAgain(store.proposals, recentChanges.list('proposal'), clock.now()))
  recovery.remember('sellers', () => recentSellers.writeAgain())
  recovery.remember('sellerSessions', async () => {
    let count = 0
    for (const [reason, changes] of families()) {
      count += await store.sellerSessions.endAgain(
        changes.map(({ subject }) => subject),
        reason,
        clock.now(),
      )
    }
    return count
  })
  recovery.remember('members', () => restrictMembersAgain(store.members, recentChanges.list('member'), clock.now()))
  recovery.remember('memberSessions', () => endSessionsAgain(store.memberSessions, recentChanges.list('member-session')))
  // This process's own changes at once: another process may never learn of them.
  const noteWritten = (changes: readonly WrittenChange[]) => {
    recentChanges.note(changes)
    const sellers = changes.filter(({ topic }) => topic === 'seller').map(({ subject }) => subject)
    // Otherwise the change feed delivers it.
    if (sellers.length > 0) recentSellers.note(sellers).catch(() => {})
  }
  return { recovery, recentChanges, recentSellers, replayFloor, noteWritten }
}

/** How many of the newest changes a starting process reads, to remember what others do. */
const reappliedMax = 50_000
const recallBatch = 5_000

/** Remembers earlier changes that the store still has. */
export async function recallChanges(store: Pick<Store, 'changes'>, note: (changes: readonly WrittenChange[]) => void): Promise<void> {
  const latest = await store.changes.latestSeq()
  for (let after = latest - reappliedMax; ; ) {
    const changes = await store.changes.since(after, recallBatch)
    note(changes)
    const last = changes.at(-1)
    if (last === undefined || changes.length < recallBatch) return
    after = last.seq
  }
}
