import type { Selectable } from 'kysely'
import type { MemberSession } from '../store.ts'
import { fromOpaqueColumns } from './session-opaque.ts'
import type { MemberSessionsTable } from './tables.ts'

export function toSession(row: Selectable<MemberSessionsTable>): MemberSession {
  return {
    tokenHash: row.token_hash,
    kind: row.kind,
    agentId: row.agent_id,
    userId: row.user_id,
    platform: row.platform,
    language: row.language,
    currency: row.currency,
    gameCode: row.game_code,
    opaque: fromOpaqueColumns(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
    enteredAt: row.entered_at,
    endAcknowledgedAt: row.end_acknowledged_at,
  }
}
