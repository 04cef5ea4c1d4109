import { type AdminOutput, adminOperationNames } from '@lobbykey/contract/admin'
import { type Account, may, useAccount } from './account.ts'
import { useRead } from './use-read.ts'

type Proposal = AdminOutput<'proposal.list'>['items'][number]

const everyMs = 15_000

/** Whether the account may decide on what another proposed: only with the right to make the change. */
export function mayDecide(account: Account, { operation, proposedBy }: Pick<Proposal, 'operation' | 'proposedBy'>): boolean {
  const name = adminOperationNames.find((known) => known === operation)
  const isOwn = proposedBy === `operator:${account.operatorId}`
  return !isOwn && name !== undefined && may(account, 'proposal.approve') && may(account, name)
}

/** The proposals that wait for the reader. */
export function useWaiting(): readonly Proposal[] {
  const account = useAccount()
  const { data } = useRead('proposal.list', { open: true, limit: 200 }, { isEnabled: may(account, 'proposal.approve'), everyMs })
  return data?.items.filter((proposal) => mayDecide(account, proposal)) ?? []
}
