import type { Clock } from './core/base/clock.ts'
import type { Sealer } from './core/base/sealer.ts'
import { findServerSecret } from './core/base/server-secret.ts'
import type { CatalogueDirectory } from './core/catalogue/catalogue-directory.ts'
import type { Limiter } from './core/limits/rate-limiter.ts'
import { LobbyEntry } from './core/member-sessions/lobby-entry.ts'
import { SessionCheck } from './core/member-sessions/session-check.ts'
import { SessionDirectory } from './core/member-sessions/session-directory.ts'
import { SessionFeed } from './core/member-sessions/session-feed.ts'
import { SessionHandles } from './core/member-sessions/session-handle.ts'
import type { SessionTokenHasher } from './core/members/session-token.ts'
import type { MerchantDirectory } from './core/merchants/merchant-directory.ts'
import type { ChangeFeed } from './core/records/change-feed.ts'
import type { Store } from './store/store.ts'

/** Member sessions after their login: lookup, check, feed, and lobby. */
export interface SessionServices {
  readonly lobby: LobbyEntry
  readonly directory: SessionDirectory
  readonly check: SessionCheck
  readonly feed: SessionFeed
}

export interface SessionServicesOptions {
  readonly store: Pick<Store, 'meta' | 'memberSessions' | 'members' | 'changes'>
  readonly sealer: Sealer
  readonly clock: Clock
  readonly changes: ChangeFeed
  readonly merchants: MerchantDirectory
  readonly catalogue: CatalogueDirectory
  readonly hashToken: SessionTokenHasher
  readonly limiter: Limiter
}

/** Creates them, and subscribes them to the store's changes. */
export async function openSessionServices(options: SessionServicesOptions): Promise<SessionServices> {
  const { store, sealer, clock, changes, merchants, catalogue, hashToken, limiter } = options
  // Separate keys: a lobby's cookie is not valid as a game server's handle or a page's token, or vice versa (checks 16, 99).
  const handlesOf = async (purpose: string) => new SessionHandles(await findServerSecret(store.meta, sealer, purpose))
  const sessions = store.memberSessions
  const directory = new SessionDirectory({ sessions, members: store.members, merchants, catalogue, clock })
  const feed = new SessionFeed({ changes, log: store.changes, sessions, clock })
  // Caches first: a caller that learns of an end and asks must not get the old state.
  changes.subscribe('member-session', (keys) => directory.forgetSessions(keys))
  changes.subscribe('member', (members) => directory.forgetMembers(members))
  changes.subscribe('member-session', (keys) => feed.sessionsChanged(keys))
  changes.subscribe('member', (members) => feed.membersChanged(members))
  return {
    lobby: new LobbyEntry({
      sessions,
      merchants,
      hashToken,
      clock,
      handles: await handlesOf('session-handle'),
      pageTokens: await handlesOf('lobby-page'),
    }),
    directory,
    check: new SessionCheck({ directory, sessions, merchants, hashToken, clock, limiter, handles: await handlesOf('service-handle') }),
    feed,
  }
}
