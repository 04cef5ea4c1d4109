import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What `npm install` of the packed server makes of an empty folder: `node_modules` with the package and its pinned dependencies for this machine's
 * platform. Installed by npm from its cache where it can.
 */
export function installTree(packed: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-save', '--no-package-lock', '--silent']
  execFileSync('npm', ['install', ...options, packed], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  // Npm's own note of what it installed, with paths of this machine.
  rmSync(join(folder, 'node_modules/.package-lock.json'), { force: true })
}
