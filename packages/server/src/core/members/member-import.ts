import { compileFields, isGatewayError, type MemberRow, memberRow, unlockedStatus } from '@lobbykey/contract'
import type { ImportReport } from '@lobbykey/contract/admin'
import type { EventOrigin, MemberRecord, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { countedOnly, importLines, type ReadLine } from '../base/line-import.ts'
import { getMerchant } from '../merchants/merchant-admin.ts'

export interface MemberImportOptions {
  readonly store: Pick<Store, 'merchants' | 'members'>
  readonly clock: Clock
  readonly origin: EventOrigin
  /** Tells what would become of the lines, and writes nothing. */
  readonly isRehearsal?: boolean
}

/** Members as a merchant's own system has them. @param lines as `readLines` reads them @throws GatewayError merchant_not_found */
export async function importMembers(
  agentId: string,
  lines: Iterable<ReadLine | null>,
  { store, clock, origin, isRehearsal = false }: MemberImportOptions,
): Promise<ImportReport> {
  await getMerchant(store.merchants, agentId)
  // Without names or descriptions, so that a member can be erased.
  const write = (members: readonly MemberRecord[]) =>
    store.members.createMany(
      { agentId, members, now: clock.now() },
      members.map(({ userId, status, createdAt }) => ({
        at: createdAt,
        kind: 'member.imported',
        ...origin,
        agentId,
        subject: userId,
        details: status === unlockedStatus ? undefined : { status },
      })),
    )
  const count = countedOnly<MemberRecord>(
    ({ userId }) => userId,
    (userIds) => store.members.countExisting(agentId, userIds),
  )
  return importLines(lines, { read: (row) => readMember(row, agentId, clock.now()), write: isRehearsal ? count : write })
}

const checkRow = compileFields<MemberRow>(memberRow)

/** A member, or why the line is refused. */
function readMember(row: Record<string, unknown>, agentId: string, now: number): MemberRecord | string {
  try {
    const { user_id: userId, user_name: userName, desc = '', status = unlockedStatus } = checkRow(row)
    return { agentId, userId, userName, desc, status, createdAt: now, updatedAt: now }
  } catch (error) {
    if (isGatewayError(error) && error.details.message !== undefined) return error.details.message
    throw error
  }
}
