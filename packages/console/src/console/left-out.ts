import type { AdminOperationName } from '@lobbykey/contract/admin'

/** Operations that no screen runs, with the reason. A test compares the list with the code. */
export const leftOut: Partial<Record<AdminOperationName, string>> = {
  'service.show': 'service.list tells the same of every service',
  'proposal.show': 'proposal.list tells the same of every proposal',
}
