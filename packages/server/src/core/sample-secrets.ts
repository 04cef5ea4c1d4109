/**
 * The secrets that everybody knows: they stand in the published documents and in the sandbox. `serve` refuses a store that holds
 * one (check 10).
 */
export const sampleSecrets = {
  merchantKey: 'l4gnD61pz4arJyv8',
  sellerEmail: 'seller@example.com',
  sellerPassword: 'sandbox-orchard-lantern',
} as const

/** Meta name that marks a store made by the sandbox. */
export const sandboxMetaName = 'sandbox'
