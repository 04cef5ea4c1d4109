import type { Selectable } from 'kysely'
import type { InvitationRecord, InvitationStore } from '../store.ts'
import { endSessions, insertSession } from './console-sessions.ts'
import type { Connection, Database } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { replaceCredentials } from './operator-accounts.ts'
import { isEnabled } from './operator-proofs.ts'
import type { InvitationsTable } from './tables.ts'

export function invitationStore(database: Database): InvitationStore {
  return {
    find: async (tokenHash) => {
      const row = await database.run((db) =>
        db.selectFrom('invitations').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst(),
      )
      return row === undefined ? null : toInvitation(row)
    },

    findUsed: async (operatorId) => {
      const row = await database.run((db) =>
        db
          .selectFrom('invitations')
          .selectAll()
          .where('operator_id', '=', operatorId)
          .where('used_at', 'is not', null)
          .orderBy('used_at', 'desc')
          .limit(1)
          .executeTakeFirst(),
      )
      return row === undefined ? null : toInvitation(row)
    },

    list: async ({ limit, afterId }) => {
      const rows = await database.run((db) => {
        const page = db.selectFrom('invitations').selectAll().orderBy('id', 'desc').limit(limit)
        return (afterId === undefined ? page : page.where('id', '<', afterId)).execute()
      })
      return rows.map(toInvitation)
    },

    add: (invitation, event) =>
      database.transaction(async (tx) => {
        const taken = await tx.selectFrom('operators').select('id').where('email', '=', invitation.email).executeTakeFirst()
        if (taken !== undefined && !invitation.isReset) return 'exists'
        const older = await tx
          .updateTable('invitations')
          .set({ revoked_at: invitation.createdAt })
          .where('email', '=', invitation.email)
          .where('used_at', 'is', null)
          .where('revoked_at', 'is', null)
          .returning('id')
          .execute()
        await recordEnds(tx, older, invitation.createdAt)
        await tx.insertInto('invitations').values(invitationRow(invitation)).execute()
        await appendEvents(tx, [event])
        return 'added'
      }),

    revoke: (id, now, event) =>
      database.transaction(async (tx) => {
        const revoked = await tx
          .updateTable('invitations')
          .set({ revoked_at: now })
          .where('id', '=', id)
          .where('used_at', 'is', null)
          .where('revoked_at', 'is', null)
          .returning('id')
          .execute()
        if (revoked.length === 0) return false
        await recordEnds(tx, revoked, now)
        await appendEvents(tx, [event])
        return true
      }),

    accept: ({ tokenHash, credentials, session, now, event }) =>
      database.transaction(async (tx) => {
        const used = await tx
          .updateTable('invitations')
          .set({ used_at: now })
          .where('token_hash', '=', tokenHash)
          .where('used_at', 'is', null)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst()
        if (used === undefined) return 'over'
        const invitation = toInvitation(used)
        await recordEnds(tx, [invitation], now)
        if (!invitation.isReset && !(await addAccount(tx, invitation, now))) return 'taken'
        if (!(await isEnabled(tx, invitation.operatorId))) return 'over'
        await endSessions(tx, { operatorId: invitation.operatorId }, now)
        await replaceCredentials(tx, invitation.operatorId, credentials, now)
        await tx.updateTable('operators').set(noSso).where('id', '=', invitation.operatorId).execute()
        await insertSession(tx, session)
        await appendEvents(tx, [event])
        return 'accepted'
      }),
  }
}

const noSso = { sso_issuer: null, sso_subject: null, sso_vouched_at: null, sso_refresh: null, sso_check_until: null }

async function addAccount(
  tx: Connection,
  { operatorId: id, email, name, role, agentIds }: InvitationRecord,
  now: number,
): Promise<boolean> {
  const added = await tx
    .insertInto('operators')
    .values({
      id,
      email,
      name,
      role,
      agent_ids: agentIds === null ? null : JSON.stringify(agentIds),
      status: 'enabled',
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

/** Records the ends, so that a store that goes back does not reopen them. */
async function recordEnds(tx: Connection, ended: readonly { readonly id: string }[], at: number): Promise<void> {
  if (ended.length === 0) return
  await appendChanges(
    tx,
    ended.map(({ id }) => ({ topic: 'invitation' as const, subject: id, at, detail: 'ended' })),
  )
}

function toInvitation(row: Selectable<InvitationsTable>): InvitationRecord {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    operatorId: row.operator_id,
    email: row.email,
    name: row.name,
    role: row.role,
    agentIds: row.agent_ids === null ? null : JSON.parse(row.agent_ids),
    isReset: row.is_reset === 1,
    invitedBy: row.invited_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
  }
}

function invitationRow(invitation: InvitationRecord) {
  return {
    id: invitation.id,
    token_hash: invitation.tokenHash,
    operator_id: invitation.operatorId,
    email: invitation.email,
    name: invitation.name,
    role: invitation.role,
    agent_ids: invitation.agentIds === null ? null : JSON.stringify(invitation.agentIds),
    is_reset: invitation.isReset ? 1 : 0,
    invited_by: invitation.invitedBy,
    created_at: invitation.createdAt,
    expires_at: invitation.expiresAt,
    used_at: invitation.usedAt,
    revoked_at: invitation.revokedAt,
  }
}
