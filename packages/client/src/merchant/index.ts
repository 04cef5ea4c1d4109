/** The member API for a merchant's back end. Web standards only. */
export type {
  CreateFields,
  GameListFields,
  GuestLoginFields,
  LimitListFields,
  LockFields,
  LoginFields,
  LogoutFields,
  UpdateFields,
} from '../generated/contract.ts'
export { LobbykeyError } from '../shared/lobbykey-error.ts'
export type { Patience } from '../shared/repeat.ts'
export { type Answered, type BetLimit, type Game, type Launch, MerchantClient, type MerchantClientOptions } from './merchant-client.ts'
export type { Algorithm, CallbackRule } from './signature.ts'
