/**
 * Where each line of Node.js has the fixes of its last security release, of 21 October 2026 (CVE-2026-111497, -105482, -105483, -106069 to
 * -106074). Sources: https://nodejs.org/en/blog/vulnerability, and https://osv.dev/vulnerability/CGA-297h-4h7q-27cx and CGA-g5pg-v9mg-6q98 for
 * the versions. After the next one, this table is what changes.
 */
const safeReleases: Readonly<Record<number, readonly [minor: number, patch: number]>> = { 24: [22, 1], 26: [12, 1] }
/** Lines newer than these are not known here. */
const newestKnown = Math.max(...Object.keys(safeReleases).map(Number))

/** What to say of a Node.js that lacks known fixes; null when it has them. @param version as `process.versions.node` has it */
export function findNodeWarning(version: string): string | null {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const safe = safeReleases[major]
  if (safe === undefined) return major > newestKnown ? null : `Node.js ${version} gets no security fixes: use 24 or 26`
  const [safeMinor, safePatch] = safe
  const isSafe = minor > safeMinor || (minor === safeMinor && patch >= safePatch)
  return isSafe ? null : `Node.js ${version} lacks security fixes that ${major}.${safeMinor}.${safePatch} has: bring it up to that`
}
