/**
 * The versions of the last Node.js security release, of 21 October 2026 (CVE-2026-111497, -105482, -105483, -106069 to -106074). Sources:
 * https://nodejs.org/en/blog/vulnerability, and https://osv.dev/vulnerability/CGA-297h-4h7q-27cx and CGA-g5pg-v9mg-6q98 for the versions.
 * Update it after each security release.
 */
const safeReleases: Readonly<Record<number, readonly [minor: number, patch: number]>> = { 24: [22, 1], 26: [12, 1] }
/** Nothing is known about later lines. */
const newestKnown = Math.max(...Object.keys(safeReleases).map(Number))

/** A warning if this Node.js lacks security fixes, or null. @param version of `process.versions.node` */
export function findNodeWarning(version: string): string | null {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const safe = safeReleases[major]
  if (safe === undefined) return major > newestKnown ? null : `Node.js ${version} gets no security fixes: use 24 or 26`
  const [safeMinor, safePatch] = safe
  const isSafe = minor > safeMinor || (minor === safeMinor && patch >= safePatch)
  return isSafe ? null : `Node.js ${version} lacks security fixes: upgrade to ${major}.${safeMinor}.${safePatch} or later`
}
