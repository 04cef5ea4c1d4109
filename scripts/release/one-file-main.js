/**
 * The start of the one-file program: unpacks the package that it carries into a private folder, once for each build, and runs it from there. It is
 * plain JavaScript, as Node.js embeds it: Node's own modules are all it has.
 */
import { lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { getAsset, getAssetKeys, getRawAsset } from 'node:sea'

const folder = join(cacheFolder(), `lobbykey-${getAsset('build', 'utf8')}`)
if (!isOurs(folder)) unpack(folder)
const launcher = join(folder, 'node_modules/lobbykey/bin/lobbykey.js')
// Node.js starts a worker process as this program with the script in front of the words.
if (process.argv[2] === launcher) process.argv.splice(2, 1)
process.argv[1] = launcher
// An embedded program's own import finds nothing but Node's modules.
createRequire(launcher)(launcher)

/** systemd's `CacheDirectory=`, or the user's own. */
function cacheFolder() {
  const { CACHE_DIRECTORY, XDG_CACHE_HOME } = process.env
  return CACHE_DIRECTORY ?? XDG_CACHE_HOME ?? join(homedir(), '.cache')
}

/** Whether it is there, whole, and nobody else may write to it: it is renamed into place when it is. */
function isOurs(path) {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o077) === 0) return true
  console.error(`${path} is not a folder that only this user may open: remove it, or set XDG_CACHE_HOME to another place.`)
  process.exit(1)
}

function unpack(path) {
  const making = `${path}.${process.pid}`
  try {
    for (const key of getAssetKeys()) {
      if (!key.startsWith('node_modules/')) continue
      const file = join(making, key)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(file, new Uint8Array(getRawAsset(key)), { mode: 0o600 })
    }
    try {
      renameSync(making, path)
    } catch (error) {
      // Another process was quicker.
      if (!isOurs(path)) throw error
    }
  } catch (error) {
    console.error(
      `Lobbykey could not unpack itself into ${path}: ${error.message}. Set XDG_CACHE_HOME to a folder that it may write and run from.`,
    )
    process.exitCode = 1
    process.exit()
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}
