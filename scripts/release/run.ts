/**
 * `npm run release`: builds everything to publish in dist/: the packages `lobbykey` and `lobbykey-client`, on Linux also the one-file program and, where
 * there is dpkg-deb, the Debian package, both from the packed `lobbykey`; an SBOM, release notes and checksums. Two builds of one commit with the same
 * Node.js and npm are identical, wherever they are built; SOURCE_DATE_EPOCH replaces the commit's time.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleServer, writeLauncher } from './bundle-server.ts'
import { buildDebianPackage, debianArchitecture, debianVersion } from './debian-package.ts'
import { isInlined, licenceNotices } from './inlined-packages.ts'
import { installTree } from './installed-tree.ts'
import { buildOneFile } from './one-file.ts'
import { pinDependencies } from './pin-dependencies.ts'
import { releaseNotes } from './release-notes.ts'
import { listParts } from './sbom.ts'

const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const staging = join(dist, 'lobbykey')
const seconds = secondsOfSource()

// Modes are part of a package.
process.umask(0o022)
rmSync(dist, { recursive: true, force: true })
mkdirSync(staging, { recursive: true })
execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
execFileSync(process.execPath, ['build.ts'], { cwd: join(root, 'packages/client'), stdio: 'inherit' })
const { version, parts } = await stageServer()
for (const folder of [staging, join(root, 'packages/client/dist')]) {
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', dist, folder])
}
rmSync(staging, { recursive: true })
if (process.platform === 'linux') buildPrograms()
else console.error('The one-file program and the Debian package are built on Linux only.')
write('lobbykey.cdx.json', listParts(parts, new Date(seconds * 1000)))
writeFileSync(join(dist, 'RELEASE-NOTES.md'), releaseNotes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version))
writeChecksums()

/** The package before packing: launcher, bundled code, built pages, and exactly pinned dependencies. */
async function stageServer() {
  const folder = join(root, 'packages/server')
  await bundleServer(root, join(staging, 'dist'))
  const pages = join(root, 'packages/console/dist')
  if (!existsSync(join(pages, 'console/index.html'))) throw new Error('packages/console was not built: run npm ci first')
  cpSync(pages, join(staging, 'dist/console'), { recursive: true })
  const source = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const repository = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const lock = pinDependencies(repository, source, isInlined)
  const { name, version, description, license, type, bin } = source
  const { dependencies, engines } = lock.packages['']
  const files = ['bin', 'dist', 'npm-shrinkwrap.json', 'CHANGELOG.md', 'SECURITY.md', 'NOTICES']
  write('lobbykey/package.json', { name, version, description, license, type, bin, engines, files, dependencies })
  write('lobbykey/npm-shrinkwrap.json', lock)
  writeLauncher(root, staging)
  for (const page of ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md']) copyFileSync(join(root, page), join(staging, page))
  writeFileSync(join(staging, 'NOTICES'), licenceNotices(root))
  return { version: version as string, parts: pinDependencies(repository, source) }
}

/** What runs without Node.js on the machine. */
function buildPrograms(): void {
  const tree = join(dist, 'tree')
  installTree(join(dist, `lobbykey-${version}.tgz`), tree)
  const program = join(dist, `lobbykey-${version}-linux-${process.arch}`)
  buildOneFile(tree, program)
  writeFileSync(`${program}.gz`, gzipSync(readFileSync(program), { level: 9 }))
  rmSync(program)
  if (hasDpkg()) {
    const output = join(dist, `lobbykey_${debianVersion(version)}_${debianArchitecture}.deb`)
    buildDebianPackage({ root, tree, version, seconds, output })
  } else {
    console.error('No Debian package: dpkg-deb is not installed.')
  }
  rmSync(tree, { recursive: true })
}

function hasDpkg(): boolean {
  return spawnSync('dpkg-deb', ['--version'], { stdio: 'ignore' }).status === 0
}

/** When the source was committed, in seconds since 1970. */
function secondsOfSource(): number {
  const { SOURCE_DATE_EPOCH } = process.env
  if (SOURCE_DATE_EPOCH) {
    if (!/^\d{1,10}$/.test(SOURCE_DATE_EPOCH)) throw new Error('SOURCE_DATE_EPOCH is not a number of seconds since 1970')
    return Number(SOURCE_DATE_EPOCH)
  }
  const git = (...words: string[]) => spawnSync('git', words, { cwd: root, encoding: 'utf8' })
  const { status, stdout } = git('log', '-1', '--format=%ct')
  if (status !== 0)
    throw new Error('git does not say when this source was committed: set SOURCE_DATE_EPOCH to that time, in seconds since 1970')
  if (git('status', '--porcelain').stdout !== '') console.error('Not a release to publish: files here differ from the commit (git status).')
  return Number(stdout)
}

function write(name: string, content: unknown): void {
  writeFileSync(join(dist, name), `${JSON.stringify(content, null, 2)}\n`)
}

/** In the format of `sha256sum --check SHA256SUMS`. */
function writeChecksums(): void {
  const lines = readdirSync(dist)
    .sort()
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(dist, name)))
          .digest('hex')}  ${name}\n`,
    )
  writeFileSync(join(dist, 'SHA256SUMS'), lines.join(''))
  process.stdout.write(lines.join(''))
}
