/** The section of CHANGELOG.md for this version. */
export function releaseNotes(changelog: string, version: string): string {
  const section = changelog.split(/^## /m).find((text) => text.startsWith(`${version}\n`) || text.startsWith(`${version},`))
  if (section === undefined) throw new Error(`CHANGELOG.md has no section "## ${version}"`)
  return `# Lobbykey ${section.trimEnd()}\n`
}
