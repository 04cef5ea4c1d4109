/** Installs the benchmark's dependencies in its own folder, unless they match the lock file already. */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const folder = import.meta.dirname
const installed = `${folder}/node_modules/.package-lock.json`
const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs

if (!isCurrent) {
  console.log('Installing the peers of the benchmark in bench/ …')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  process.exitCode = status ?? 1
}
