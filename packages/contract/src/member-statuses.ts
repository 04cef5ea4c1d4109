import type { ErrorKey } from './catalogue.ts'

interface MemberStatusRow {
  /** What a login of such a member is answered; null: it may log in. A status that refuses logins also ends the sessions there are. */
  readonly loginRefusal: ErrorKey | null
  readonly mayBet: boolean
  /** Completes "a member that is STATUS is …". */
  readonly meaning: string
}

/** What a member may be (member-lifecycle.md, Lock), a row each. */
export const memberStatuses = {
  Active: { loginRefusal: null, mayBet: true, meaning: 'unlocked' },
  LockBet: { loginRefusal: null, mayBet: false, meaning: 'may not bet' },
  LockAll: { loginRefusal: 'member_locked', mayBet: false, meaning: 'may not bet nor log in' },
} as const satisfies Record<string, MemberStatusRow>

export type MemberStatus = keyof typeof memberStatuses
export type LoginRefusal = NonNullable<(typeof memberStatuses)[MemberStatus]['loginRefusal']>

/** Of a member that nobody has locked. */
export const unlockedStatus = 'Active' as const satisfies MemberStatus
/** What is meant by locking, where nothing else is said. */
export const lockedStatus = 'LockAll' as const satisfies MemberStatus

export const memberStatusNames = Object.keys(memberStatuses) as MemberStatus[]
/** Those that may log in. */
export const admittedStatuses: readonly MemberStatus[] = memberStatusNames.filter((name) => memberStatuses[name].loginRefusal === null)

export const barredStatuses: readonly MemberStatus[] = memberStatusNames.filter((name) => memberStatuses[name].loginRefusal !== null)

/** Every answer that a status can give a login, once. */
export const loginRefusals: readonly LoginRefusal[] = [
  ...new Set(Object.values(memberStatuses).flatMap(({ loginRefusal }) => (loginRefusal === null ? [] : [loginRefusal]))),
]

/** For people: every status with its meaning. */
export const memberStatusText = memberStatusNames.map((name) => `${name} (${memberStatuses[name].meaning})`).join(', ')

/** Null: a member of this status may log in. One that only a later release knows may not. */
export function loginRefusalOf(status: string): LoginRefusal | null {
  const row = findRow(status)
  return row === undefined ? memberStatuses[lockedStatus].loginRefusal : row.loginRefusal
}

/** One that only a later release knows may not. */
export function mayBet(status: string): boolean {
  return findRow(status)?.mayBet === true
}

function findRow(status: string) {
  return Object.hasOwn(memberStatuses, status) ? memberStatuses[status as MemberStatus] : undefined
}
