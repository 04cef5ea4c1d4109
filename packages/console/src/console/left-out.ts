import type { AdminOperationName } from '@lobbykey/contract/admin'

/** Operations that no screen runs, with the reason. A test compares the list with the code. */
export const leftOut: Partial<Record<AdminOperationName, string>> = {
  'member.import': "members come by their merchant's calls; a file is for a move from another platform, on the command line",
  'service.show': 'service.list tells the same of every service',
  'proposal.show': 'proposal.list tells the same of every proposal',
}
