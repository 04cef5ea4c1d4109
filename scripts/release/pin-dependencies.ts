export interface LockedPackage {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly name: string
  readonly version: string
  readonly lockfileVersion: number
  readonly requires: boolean
  readonly packages: Readonly<Record<string, LockedPackage>> & { readonly '': LockedPackage }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

/**
 * The published package's lock file: everything the server needs, from the repository's lock. Includes the dependencies of the workspaces bundled
 * into it.
 * @param isLeftOut packages that the bundle contains
 */
export function pinDependencies(repository: Lock, manifest: Manifest, isLeftOut: (name: string) => boolean = () => false): Lock {
  const { packages } = repository
  const isBundled = (name: string) => packages[`node_modules/${name}`]?.link === true
  const dependencies: Record<string, string> = {}
  const collect = (needed: Readonly<Record<string, string>>): void => {
    for (const [name, version] of Object.entries(needed)) {
      if (isBundled(name)) collect(packages[packages[`node_modules/${name}`]?.resolved ?? '']?.dependencies ?? {})
      else if (!isLeftOut(name)) dependencies[name] = version
    }
  }
  collect(manifest.dependencies)
  const kept = new Set<string>()
  for (const name of Object.keys(dependencies)) keep(packages, 'packages/server', name, kept)
  const { name, version, license, engines } = manifest
  const own = { name, version, license, engines, dependencies: sorted(dependencies) }
  const pinned = Object.fromEntries([...kept].sort().map((path) => [path, packages[path] as LockedPackage]))
  return { name, version, lockfileVersion: repository.lockfileVersion, requires: true, packages: { '': own, ...pinned } }
}

/** Resolves a package as Node.js does, from the innermost folder outward, with its dependencies. Leaves out peers that are not installed. */
function keep(packages: Lock['packages'], from: string, name: string, kept: Set<string>): void {
  const path = findInstalled(packages, from, name)
  if (path === null || kept.has(path)) return
  if (!path.startsWith('node_modules/')) throw new Error(`${path} is not at the root of the lock: npm dedupe, or teach pin-dependencies.ts`)
  kept.add(path)
  const { dependencies, optionalDependencies, peerDependencies } = packages[path] as LockedPackage
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) keep(packages, path, needed, kept)
}

function findInstalled(packages: Lock['packages'], from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (folder === '') return null
  }
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)))
}
