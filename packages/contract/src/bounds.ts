/** Published limits of both contracts, with the texts that state them. */

/** How far a timestamp may differ from the server's clock, either way (member-login.md). */
export const timestampWindowMs = 600_000
export const timestampWindowText = `${timestampWindowMs / 60_000} minutes`

/** Largest body of a request. */
export const bodyBytesMax = 16 * 1024
export const bodyBytesText = `${bodyBytesMax / 1024} KiB`

/** Length of a new password, in code points of its NFC form. */
export const passwordLengthMin = 15
export const passwordLengthMax = 256
export const passwordLengthText = `${passwordLengthMin} to ${passwordLengthMax} characters`
/** Longest password that is verified, in UTF-8 bytes of its NFC form. Every valid password fits (4 bytes per code point). */
export const passwordBytesMax = 4 * passwordLengthMax

/** The key of the published example; the sandbox's sample merchant uses it. */
export const publishedKey = 'l4gnD61pz4arJyv8'

/** Lines that one call of `member.import` takes: written within seconds even where each locks its member. */
export const memberImportLinesMax = 5_000
