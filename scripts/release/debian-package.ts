import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface DebianPackage {
  readonly root: string
  /** An installed package, from `installTree`. */
  readonly tree: string
  readonly version: string
  /** The time of every file, in seconds since 1970. */
  readonly seconds: number
  readonly output: string
}

/** Starts beside its own Node.js, wherever a symbolic link led here from. */
const wrapper = `#!/bin/sh
home=$(dirname "$(readlink -f "$0")")/../..
exec "$home/bin/node" "$home/node_modules/lobbykey/bin/lobbykey.js" "$@"
`

const postinst = `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if command -v systemd-sysusers >/dev/null; then systemd-sysusers lobbykey.conf
  elif ! getent passwd lobbykey >/dev/null; then useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin lobbykey
  fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    # An update: the service goes on with the new program.
    if [ -n "$2" ]; then systemctl try-restart lobbykey.service; fi
  fi
  if [ -z "$2" ]; then echo "lobbykey: set it up in /etc/lobbykey, then: systemctl enable --now lobbykey"; fi
fi
`

/** The cache is made at run time: dpkg does not know of it. */
const prerm = `#!/bin/sh
set -e
if [ "$1" = remove ]; then
  if [ -d /run/systemd/system ]; then systemctl disable --now lobbykey.service lobbykey-backup.timer || true; fi
  rm -rf /opt/lobbykey/node_modules/.cache
fi
`

const postrm = `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
`

/** `lobbykey_VERSION_ARCH.deb`: the program with its own Node.js in /opt/lobbykey, /usr/bin/lobbykey, the user, and the units, which are not enabled. */
export function buildDebianPackage({ root, tree, version, seconds, output }: DebianPackage): void {
  const folder = `${output}.d`
  rmSync(folder, { recursive: true, force: true })
  const home = join(folder, 'opt/lobbykey')
  cpSync(tree, home, { recursive: true })
  place(join(home, 'bin/node'), process.execPath, 0o755)
  rmSync(join(home, 'node_modules/.bin'), { recursive: true })
  write(join(home, 'node_modules/.bin/lobbykey'), wrapper, 0o755)
  mkdirSync(join(folder, 'usr/bin'), { recursive: true })
  symlinkSync('/opt/lobbykey/node_modules/.bin/lobbykey', join(folder, 'usr/bin/lobbykey'))
  for (const unit of globSync('*', { cwd: join(root, 'deploy/systemd') })) {
    place(join(folder, 'usr/lib/systemd/system', unit), join(root, 'deploy/systemd', unit))
  }
  write(join(folder, 'usr/lib/sysusers.d/lobbykey.conf'), 'u lobbykey - "Lobbykey login gateway"\n')
  mkdirSync(join(folder, 'etc/lobbykey'), { recursive: true })
  place(join(folder, 'usr/share/doc/lobbykey/copyright'), join(root, 'LICENSE'))
  for (const [name, script] of Object.entries({ postinst, prerm, postrm })) write(join(folder, 'DEBIAN', name), script, 0o755)
  write(join(folder, 'DEBIAN/control'), control(version))
  execFileSync('chmod', ['-R', 'u+rwX,go+rX,go-w', folder])
  execFileSync('find', [folder, '-exec', 'touch', '--no-dereference', `--date=@${seconds}`, '{}', '+'])
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z2', '--build', folder, output], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  rmSync(folder, { recursive: true })
}

/** A tilde sorts before the release itself: 1.0.0~rc.1 is older than 1.0.0. */
export function debianVersion(version: string): string {
  return version.replace('-', '~')
}

export const debianArchitecture = process.arch === 'x64' ? 'amd64' : process.arch

function control(version: string): string {
  return `Package: lobbykey
Version: ${debianVersion(version)}
Architecture: ${debianArchitecture}
Maintainer: Lobbykey maintainers <lobbykey@localhost>
Section: net
Priority: optional
Depends: libc6 (>= 2.28), libstdc++6, libatomic1
Recommends: postgresql, ca-certificates
Description: login gateway for game platforms and marketplaces
 Sellers log in with e-mail and password and get tokens; members are logged in by
 their merchant's back end with a signed request, and get a lobby URL to enter by.
`
}

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode })
}

function place(path: string, from: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true })
  copyFileSync(from, path)
  chmodSync(path, mode)
}
