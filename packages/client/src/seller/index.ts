/** The seller API: requests that always carry a good access token. Web standards only, but for `FileStorage`. */
export { LobbykeyError } from '../shared/lobbykey-error.ts'
export type { Patience } from '../shared/repeat.ts'
export { FileStorage, type FileStorageOptions } from './file-storage.ts'
export { SellerClient, type SellerClientOptions, type SellerIdentity } from './seller-client.ts'
export { MemoryStorage, type StoredTokens, type TokenStorage } from './token-storage.ts'
