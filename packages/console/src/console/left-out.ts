import type { AdminOperationName } from '@lobbykey/contract/admin'

const noScreenForBrands = 'brands have no screen yet: they are set by the command line, apply and the admin API'

/** Operations that no screen runs, with the reason. A test compares the list with the code. */
export const leftOut: Partial<Record<AdminOperationName, string>> = {
  'service.show': 'service.list tells the same of every service',
  'proposal.show': 'proposal.list tells the same of every proposal',
  'brand.list': noScreenForBrands,
  'brand.show': noScreenForBrands,
  'brand.set': noScreenForBrands,
  'brand.remove': noScreenForBrands,
}
