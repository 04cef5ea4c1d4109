import type { Connection, Dialect } from '../sql/database.ts'
import * as foundation from './0001-foundation.ts'
import * as services from './0010-services.ts'
import * as signingKeyLife from './0011-signing-key-life.ts'
import * as memberSessions from './0020-member-sessions.ts'
import * as traces from './0030-traces.ts'
import * as sessionRenewals from './0040-session-renewals.ts'
import * as passwords from './0050-passwords.ts'
import * as refreshBatch from './0060-refresh-batch.ts'
import * as memberStatus from './0070-member-status.ts'
import * as sessionOpaque from './0071-session-opaque.ts'
import * as refusalsAndCounts from './0080-refusals-and-counts.ts'
import * as changeDetails from './0090-change-details.ts'
import * as accessTokenUses from './0100-access-token-uses.ts'
import * as operators from './0110-operators.ts'
import * as labels from './0120-labels.ts'
import * as records from './0130-records.ts'
import * as memberLists from './0140-member-lists.ts'
import * as seals from './0150-seals.ts'
import * as operatorAccounts from './0160-operator-accounts.ts'
import * as sellerLists from './0170-seller-lists.ts'
import * as handOvers from './0180-hand-overs.ts'
import * as proposals from './0190-proposals.ts'
import * as brands from './0200-brands.ts'
import * as connectionRequests from './0210-connection-requests.ts'
import * as operatorSso from './0220-operator-sso.ts'
import * as failedTraces from './0230-failed-traces.ts'
import * as sellerLabels from './0240-seller-labels.ts'
import * as merchantConduct from './0250-merchant-conduct.ts'
import * as callTotals from './0260-call-totals.ts'
import * as callDays from './0270-call-days.ts'

export interface Migration {
  readonly name: string
  up(tx: Connection, dialect: Dialect): Promise<void>
}

/**
 * Whether a migration removes, renames or narrows something that the previous release uses, by its name: `0120-contract-member-status`. A program
 * that does not know it refuses to start on the store. All others only add. See CONTRIBUTING.md, "Migrations".
 */
export function isContraction(name: string): boolean {
  return !/^\d{4}-(?!contract-)/.test(name)
}

/** Every migration, in order. Never change a released one: add a file. */
export const migrations: readonly Migration[] = [
  { name: '0001-foundation', up: foundation.up },
  { name: '0010-services', up: services.up },
  { name: '0011-signing-key-life', up: signingKeyLife.up },
  { name: '0020-member-sessions', up: memberSessions.up },
  { name: '0030-traces', up: traces.up },
  { name: '0040-session-renewals', up: sessionRenewals.up },
  { name: '0050-passwords', up: passwords.up },
  { name: '0060-refresh-batch', up: refreshBatch.up },
  { name: '0070-member-status', up: memberStatus.up },
  { name: '0071-session-opaque', up: sessionOpaque.up },
  { name: '0080-refusals-and-counts', up: refusalsAndCounts.up },
  { name: '0090-change-details', up: changeDetails.up },
  { name: '0100-access-token-uses', up: accessTokenUses.up },
  { name: '0110-operators', up: operators.up },
  { name: '0120-labels', up: labels.up },
  { name: '0130-records', up: records.up },
  { name: '0140-member-lists', up: memberLists.up },
  { name: '0150-seals', up: seals.up },
  { name: '0160-operator-accounts', up: operatorAccounts.up },
  { name: '0170-seller-lists', up: sellerLists.up },
  { name: '0180-hand-overs', up: handOvers.up },
  { name: '0190-proposals', up: proposals.up },
  { name: '0200-brands', up: brands.up },
  { name: '0210-connection-requests', up: connectionRequests.up },
  { name: '0220-operator-sso', up: operatorSso.up },
  { name: '0230-failed-traces', up: failedTraces.up },
  { name: '0240-seller-labels', up: sellerLabels.up },
  { name: '0250-merchant-conduct', up: merchantConduct.up },
  { name: '0260-call-totals', up: callTotals.up },
  { name: '0270-call-days', up: callDays.up },
]
