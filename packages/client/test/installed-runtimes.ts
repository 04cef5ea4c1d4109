import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const runtimes = fileURLToPath(new URL('../../../matrix/runtimes/', import.meta.url))

/** Unless what is here is as the lock file says. */
export function installRuntimes(): void {
  const installed = join(runtimes, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(runtimes, 'package-lock.json')).mtimeMs) return
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: runtimes, stdio: 'inherit' })
  if (status !== 0) throw new Error('npm ci failed in matrix/runtimes')
}
