import { type AdminOperationName, type AdminOutput, adminOperation } from '@lobbykey/contract/admin'
import { createContext, useContext } from 'react'

export type Account = AdminOutput<'account.show'>

export const AccountContext = createContext<Account | null>(null)

/** Who is signed in. */
export function useAccount(): Account {
  const account = useContext(AccountContext)
  if (account === null) throw new Error('nothing is shown before it is known who asks')
  return account
}

/** Whether the account may run an operation at all; the server decides about each call. */
export function may(account: Account, name: AdminOperationName): boolean {
  const { right, reach } = adminOperation(name)
  return account.rights.includes(right) && (reach !== 'platform' || account.agentIds === null)
}

export function useMay(): (name: AdminOperationName) => boolean {
  const account = useAccount()
  return (name) => may(account, name)
}
