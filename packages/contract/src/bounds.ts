/** Bounds that both contracts publish, for whoever keeps them and for the texts that tell them. */

/** How far a timestamp may be from the server's clock, on either side (member-login.md). */
export const timestampWindowMs = 600_000
export const timestampWindowText = `${timestampWindowMs / 60_000} minutes`

/** Largest body of a request. */
export const bodyBytesMax = 16 * 1024
export const bodyBytesText = `${bodyBytesMax / 1024} KiB`

/** Of a password that is set, in code points of its NFC form. */
export const passwordLengthMin = 15
export const passwordLengthMax = 256
export const passwordLengthText = `${passwordLengthMin} to ${passwordLengthMax} characters`
/** Longest password that is tried, bytes of its NFC form in UTF-8: every password that may be set fits (4 bytes a code point). */
export const passwordBytesMax = 4 * passwordLengthMax

/** The key of the recipe's published example, which the sandbox's sample merchant has. */
export const publishedKey = 'l4gnD61pz4arJyv8'
