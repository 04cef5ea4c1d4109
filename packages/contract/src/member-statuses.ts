import type { ErrorKey } from './catalogue.ts'

interface MemberStatusRow {
  /** How a login of such a member is answered; null: it may log in. A status that refuses logins also ends existing sessions. */
  readonly loginRefusal: ErrorKey | null
  readonly mayBet: boolean
  /** Completes "a member that is STATUS is …". */
  readonly meaning: string
}

/** Statuses of a member (member-lifecycle.md, Lock). */
const memberStatuses = {
  Active: { loginRefusal: null, mayBet: true, meaning: 'unlocked' },
  LockBet: { loginRefusal: null, mayBet: false, meaning: 'may not bet' },
  LockAll: { loginRefusal: 'member_locked', mayBet: false, meaning: 'may not bet or log in' },
} as const satisfies Record<string, MemberStatusRow>

export type MemberStatus = keyof typeof memberStatuses
export type LoginRefusal = NonNullable<(typeof memberStatuses)[MemberStatus]['loginRefusal']>

/** The status of a member that is not locked. */
export const unlockedStatus = 'Active' as const satisfies MemberStatus
/** What "lock" means by default. */
export const lockedStatus = 'LockAll' as const satisfies MemberStatus

export const memberStatusNames = Object.keys(memberStatuses) as MemberStatus[]
/** Those that may log in. */
export const admittedStatuses: readonly MemberStatus[] = memberStatusNames.filter((name) => memberStatuses[name].loginRefusal === null)

export const barredStatuses: readonly MemberStatus[] = memberStatusNames.filter((name) => memberStatuses[name].loginRefusal !== null)

/** Every error that a status can cause, once. */
export const loginRefusals: readonly LoginRefusal[] = [
  ...new Set(Object.values(memberStatuses).flatMap(({ loginRefusal }) => (loginRefusal === null ? [] : [loginRefusal]))),
]

/** Every status with its meaning, for documentation. */
export const memberStatusText = memberStatusNames.map((name) => `${name} (${memberStatuses[name].meaning})`).join(', ')

/** Null: a member of this status may log in. Unknown statuses, of a later release, may not. */
export function loginRefusalOf(status: string): LoginRefusal | null {
  const row = findRow(status)
  return row === undefined ? memberStatuses[lockedStatus].loginRefusal : row.loginRefusal
}

/** False for unknown statuses, of a later release. */
export function mayBet(status: string): boolean {
  return findRow(status)?.mayBet === true
}

function findRow(status: string) {
  return Object.hasOwn(memberStatuses, status) ? memberStatuses[status as MemberStatus] : undefined
}
