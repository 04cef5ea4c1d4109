import type { AdminOperationName } from '@lobbykey/contract/admin'
import { type Account, may } from '../api/account.ts'
import { t } from '../texts/texts.ts'

export interface NavigationItem {
  readonly to: string
  readonly label: string
}

export const proposalsPath = '/proposals'

/** The pages, each with the operation that it requires. */
const pages: readonly (readonly [to: string, label: () => string, needs: AdminOperationName])[] = [
  ['/', () => t.pages.now, 'call-count.top'],
  ['/merchants', () => t.pages.merchants, 'merchant.list'],
  ['/calls', () => t.pages.calls, 'trace.list'],
  ['/members', () => t.pages.members, 'member.list'],
  ['/sellers', () => t.pages.sellers, 'seller.list'],
  ['/services', () => t.pages.services, 'service.list'],
  ['/catalogue', () => t.pages.catalogue, 'catalogue.show'],
  ['/signing-keys', () => t.pages.signingKeys, 'keys.list'],
  ['/audit', () => t.pages.audit, 'event.list'],
  [proposalsPath, () => t.pages.proposals, 'proposal.list'],
  ['/operators', () => t.pages.operators, 'operator.list'],
  ['/account', () => t.pages.account, 'account.show'],
]

/** What an account may see. */
export function navigationOf(account: Account): NavigationItem[] {
  return pages.filter(([, , needs]) => may(account, needs)).map(([to, label]) => ({ to, label: label() }))
}

/** Whether an account may see the page that a path is below; paths below no page are for everyone. */
export function maySee(account: Account, path: string): boolean {
  const page = pages.find(([to]) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)))
  return page === undefined || may(account, page[2])
}
