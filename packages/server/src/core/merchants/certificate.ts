import { signedCalls } from '@lobbykey/contract'
import { type CertificateItemName, type CertificateState, clockRightWithinMs } from '@lobbykey/contract/admin'
import type { ConductMark, Habit, MerchantClock, MerchantKeyRecord, MerchantWithKeys } from '../../store/store.ts'
import { parseBlock } from '../base/address-list.ts'

/** Larger blocks were never assigned to one owner. */
const prefixMin = { ipv4: 8, ipv6: 20 } as const

export interface CertificateEvidence {
  readonly now: number
  readonly merchant: Pick<MerchantWithKeys, 'createdAt' | 'settings' | 'keys'>
  readonly clock: MerchantClock | undefined
  readonly marks: readonly ConductMark[]
  /** Its limit of calls; 0 for none. */
  readonly ratePerSecond: number
}

export interface CertificateFinding {
  readonly state: CertificateState
  /** When it was last seen, right or wrong; null: never. */
  readonly seenAt: number | null
  readonly about: readonly string[]
}

const missing = (...about: readonly string[]): CertificateFinding => ({ state: 'missing', seenAt: null, about })
const seen = (seenAt: number): CertificateFinding => ({ state: 'seen', seenAt, about: [] })

const finders: Readonly<Record<CertificateItemName, (evidence: CertificateEvidence) => CertificateFinding>> = {
  signature: findSignature,
  repeat: (evidence) => findHabit(evidence, 'repeat'),
  'fresh-token': (evidence) => findHabit(evidence, 'fresh-token'),
  'wrong-signature': (evidence) => findHabit(evidence, 'wrong-signature'),
  'retry-after': (evidence) => findHabit(evidence, 'retry-after', [String(evidence.ratePerSecond)]),
  clock: findClock,
  callback: (evidence) => {
    const { callbackOrigins } = evidence.merchant.settings
    if (callbackOrigins.length === 0) return { state: 'not-needed', seenAt: null, about: [] }
    return findHabit(evidence, 'callback', callbackOrigins)
  },
  logout: (evidence) => findHabit(evidence, 'logged-out'),
  rotation: findRotation,
  addresses: findAddresses,
}

/** What is known of each item. */
export function findCertificate(evidence: CertificateEvidence): Record<CertificateItemName, CertificateFinding> {
  // A merchant of the same name may have been deleted before.
  const marks = evidence.marks.filter(({ rightAt, wrongAt }) => Math.max(rightAt, wrongAt) >= evidence.merchant.createdAt)
  const own = { ...evidence, marks }
  return Object.fromEntries(Object.entries(finders).map(([item, find]) => [item, find(own)])) as Record<
    CertificateItemName,
    CertificateFinding
  >
}

function findSignature({ marks }: CertificateEvidence): CertificateFinding {
  const calls = marks.filter(({ topic }) => signedCalls.some(({ name }) => name === topic))
  const wrong = calls.filter(isWrong)
  if (wrong.length > 0) return { state: 'wrong', seenAt: latest(wrong), about: wrong.map(({ topic }) => topic) }
  return calls.some(({ topic }) => topic === 'login') ? seen(latest(calls)) : missing()
}

function findHabit({ marks }: CertificateEvidence, habit: Habit, about: readonly string[] = []): CertificateFinding {
  const found = marks.find(({ topic }) => topic === habit)
  if (found === undefined) return missing(...about)
  return isWrong(found) ? { state: 'wrong', seenAt: found.wrongAt, about } : seen(found.rightAt)
}

function findClock({ clock }: CertificateEvidence): CertificateFinding {
  if (clock === undefined) return missing()
  if (Math.abs(clock.differenceMs) <= clockRightWithinMs) return seen(clock.measuredAt)
  return { state: 'wrong', seenAt: clock.measuredAt, about: [String(clock.differenceMs)] }
}

/** Rehearsed once an old key is retired, after a newer one has verified calls. */
function findRotation({ merchant: { keys } }: CertificateEvidence): CertificateFinding {
  const hasSuccessor = (old: MerchantKeyRecord) =>
    keys.some(({ id, createdAt, lastUsedAt }) => id !== old.id && createdAt >= old.createdAt && lastUsedAt !== null)
  const retirements = keys.flatMap((key) => (key.retiredAt !== null && hasSuccessor(key) ? [key.retiredAt] : []))
  if (retirements.length > 0) return seen(Math.max(...retirements))
  const active = keys.filter(({ retiredAt }) => retiredAt === null).sort((a, b) => a.createdAt - b.createdAt)
  const [old, newest] = [active[0], active.at(-1)]
  if (old === undefined || newest === undefined || old === newest) return missing()
  return newest.lastUsedAt === null ? missing(newest.id) : missing(newest.id, old.id)
}

function findAddresses({ now, merchant: { settings } }: CertificateEvidence): CertificateFinding {
  const { allow } = settings
  if (allow.length === 0) return missing()
  const open = allow.filter((entry) => {
    const block = parseBlock(entry)
    return block !== null && block.prefix < prefixMin[block.family]
  })
  return open.length === 0 ? seen(now) : { state: 'wrong', seenAt: now, about: open }
}

function isWrong({ rightAt, wrongAt }: ConductMark): boolean {
  return wrongAt > rightAt
}

function latest(marks: readonly ConductMark[]): number {
  return Math.max(...marks.flatMap(({ rightAt, wrongAt }) => [rightAt, wrongAt]))
}
