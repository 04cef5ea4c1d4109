import type { ExpressionBuilder, Selectable } from 'kysely'
import type { ApprovalPolicy, ProposalRecord, ProposalStore } from '../store.ts'
import type { Database } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import type { ProposalsTable, Tables } from './tables.ts'

const policyId = 'policy'
const noPolicy: ApprovalPolicy = { operations: [], agentIds: null, updatedAt: 0 }

export function proposalStore(database: Database): ProposalStore {
  return {
    find: async (id) => {
      const row = await database.run((db) => db.selectFrom('proposals').selectAll().where('id', '=', id).executeTakeFirst())
      return row === undefined ? null : toProposal(row)
    },

    list: async ({ limit, afterId, agentIds, openAt, stuckSince = 0 }) => {
      const rows = await database.run((db) => {
        let page = db.selectFrom('proposals').selectAll().orderBy('id', 'desc').limit(limit)
        if (afterId !== undefined) page = page.where('id', '<', afterId)
        if (agentIds !== undefined) page = page.where('agent_id', 'in', agentIds.length === 0 ? [''] : agentIds)
        if (openAt !== undefined) page = page.where(isUndecided(stuckSince)).where('expires_at', '>', openAt)
        return page.execute()
      })
      return rows.map(toProposal)
    },

    add: (proposal, event) =>
      database.transaction(async (tx) => {
        await tx.insertInto('proposals').values(proposalRow(proposal)).execute()
        await appendEvents(tx, [event])
      }),

    decide: (id, { state, decidedBy, decidedAt, word, stuckSince }, event) =>
      database.transaction(async (tx) => {
        const decided = await tx
          .updateTable('proposals')
          .set({ state, decided_by: decidedBy, decided_at: decidedAt, word })
          .where('id', '=', id)
          .where(isUndecided(stuckSince))
          .where('expires_at', '>', decidedAt)
          .returning('id')
          .executeTakeFirst()
        if (decided === undefined) return false
        // So that a store that goes back does not open it again.
        await appendChanges(tx, [{ topic: 'proposal', subject: id, at: decidedAt, detail: state }])
        await appendEvents(tx, [event])
        return true
      }),

    decideAgain: (id, state, event) =>
      database.transaction(async (tx) => {
        const decided = await tx
          .updateTable('proposals')
          .set({ state, decided_at: event.at })
          .where('id', '=', id)
          .where('state', '=', 'open')
          .returning('id')
          .executeTakeFirst()
        if (decided === undefined) return false
        await appendEvents(tx, [event])
        return true
      }),

    settle: (id, { state, problem, at }, event) =>
      database.transaction(async (tx) => {
        await tx.updateTable('proposals').set({ state, problem }).where('id', '=', id).execute()
        await appendChanges(tx, [{ topic: 'proposal', subject: id, at, detail: state }])
        if (event !== null) await appendEvents(tx, [event])
      }),

    findPolicy: async () => {
      const row = await database.run((db) => db.selectFrom('approval_policy').selectAll().where('id', '=', policyId).executeTakeFirst())
      if (row === undefined) return noPolicy
      return {
        operations: JSON.parse(row.operations),
        agentIds: row.agent_ids === null ? null : JSON.parse(row.agent_ids),
        updatedAt: row.updated_at,
      }
    },

    setPolicy: ({ operations, agentIds, updatedAt }, expectedUpdatedAt, event) =>
      database.transaction(async (tx) => {
        const row = {
          operations: JSON.stringify(operations),
          agent_ids: agentIds === null ? null : JSON.stringify(agentIds),
          updated_at: updatedAt,
        }
        const written = await tx
          .insertInto('approval_policy')
          .values({ id: policyId, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row).where('approval_policy.updated_at', '=', expectedUpdatedAt))
          .returning('id')
          .executeTakeFirst()
        if (written === undefined) return false
        await appendEvents(tx, [event])
        return true
      }),
  }
}

function isUndecided(stuckSince: number) {
  return ({ eb, or, and }: ExpressionBuilder<Tables, 'proposals'>) =>
    or([eb('state', '=', 'open'), and([eb('state', '=', 'approved'), eb('decided_at', '<=', stuckSince)])])
}

function toProposal(row: Selectable<ProposalsTable>): ProposalRecord {
  return {
    id: row.id,
    operation: row.operation,
    input: JSON.parse(row.input),
    agentId: row.agent_id,
    readAt: row.read_at,
    reason: row.reason,
    proposedBy: row.proposed_by,
    proposerId: row.proposer_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    word: row.word,
    problem: row.problem,
  }
}

function proposalRow(proposal: ProposalRecord) {
  return {
    id: proposal.id,
    operation: proposal.operation,
    input: JSON.stringify(proposal.input),
    agent_id: proposal.agentId,
    read_at: proposal.readAt,
    reason: proposal.reason,
    proposed_by: proposal.proposedBy,
    proposer_id: proposal.proposerId,
    created_at: proposal.createdAt,
    expires_at: proposal.expiresAt,
    state: proposal.state,
    decided_by: proposal.decidedBy,
    decided_at: proposal.decidedAt,
    word: proposal.word,
    problem: proposal.problem,
  }
}
