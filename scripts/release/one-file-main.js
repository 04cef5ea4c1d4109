/**
 * The start of the one-file program: unpacks the package that it carries into a private folder, once for each build, and runs it from there. It is
 * plain JavaScript, as Node.js embeds it: Node's own modules are all it has.
 */
import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { getAsset, getAssetKeys, getRawAsset } from 'node:sea'

const folder = join(cacheFolder(), `lobbykey-${getAsset('build', 'utf8')}`)
if (!isOurs(folder)) {
  try {
    unpack(folder)
  } catch ({ message }) {
    fail(`Lobbykey could not unpack itself into ${folder}: ${message}. Set XDG_CACHE_HOME to a folder that it may write and run from.`)
  }
}
const launcher = join(folder, 'node_modules/lobbykey/bin/lobbykey.js')
// Node.js starts a worker process as this program with the script in front of the words.
if (process.argv[2] === launcher) process.argv.splice(2, 1)
process.argv[1] = launcher
// An embedded program's own import finds nothing but Node's modules.
createRequire(launcher)(launcher)

/** systemd's `CacheDirectory=` (the first, if there are several), or the user's own. */
function cacheFolder() {
  const { CACHE_DIRECTORY, XDG_CACHE_HOME } = process.env
  const given = CACHE_DIRECTORY?.split(':')[0] || XDG_CACHE_HOME
  // By the XDG specification others are ignored, as is an empty name.
  if (given !== undefined && isAbsolute(given)) return given
  try {
    return join(homedir(), '.cache')
  } catch {
    return fail('Lobbykey unpacks itself at its first start, and this user has no home: set XDG_CACHE_HOME to a folder for it.')
  }
}

/** Whether it is there, whole, and nobody else may write to it: it is renamed into place when it is. */
function isOurs(path) {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o077) === 0) return true
  return fail(`${path} is not a folder that only this user may open: remove it, or set XDG_CACHE_HOME to another place.`)
}

function unpack(path) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // A new one of this user alone: a name that others can guess might be theirs already.
  const making = mkdtempSync(`${path}.`)
  try {
    for (const key of getAssetKeys()) {
      if (!key.startsWith('node_modules/')) continue
      const file = join(making, key)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      const isProgram = key.endsWith('.node')
      writeFileSync(file, new Uint8Array(getRawAsset(key)), { mode: isProgram ? 0o700 : 0o600 })
      // Not in a file system mounted `noexec`.
      if (isProgram) accessSync(file, constants.X_OK)
    }
    renameSync(making, path)
  } catch (error) {
    // Another process may have been quicker.
    if (!isOurs(path)) throw error
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}

function fail(text) {
  console.error(text)
  process.exit(1)
}
