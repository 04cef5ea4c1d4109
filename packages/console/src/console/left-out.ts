import type { AdminOperationName } from '@lobbykey/contract/admin'

const noScreenForBrands = 'brands have no screen yet: they are set by the command line, apply and the admin API'
const noScreenForProposals = 'proposed changes have no screen yet: a signed-in person decides over the admin API'

/** Operations that no screen runs, with the reason. A test compares the list with the code. */
export const leftOut: Partial<Record<AdminOperationName, string>> = {
  'service.show': 'service.list tells the same of every service',
  'brand.list': noScreenForBrands,
  'brand.show': noScreenForBrands,
  'brand.set': noScreenForBrands,
  'brand.remove': noScreenForBrands,
  'proposal.list': noScreenForProposals,
  'proposal.show': noScreenForProposals,
  'proposal.add': noScreenForProposals,
  'proposal.withdraw': noScreenForProposals,
  'proposal.approve': noScreenForProposals,
  'proposal.decline': noScreenForProposals,
  'approval-policy.show': noScreenForProposals,
  'approval-policy.update': noScreenForProposals,
}
