import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingProgram } from '../support/missing-program.ts'

const units = new URL('../../../../deploy/systemd/', import.meta.url).pathname
const names = ['lobbykey.service', 'lobbykey-backup.service', 'lobbykey-backup.timer']

test('systemd takes the units, and finds them little exposed', { skip: missingProgram('systemd-analyze') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-units-'))
  try {
    cpSync(units, folder, { recursive: true })
    // What it starts has to be there, and here it is not.
    for (const name of names) {
      const text = readFileSync(join(folder, name), 'utf8').replaceAll('/opt/lobbykey/node_modules/.bin/lobbykey', '/bin/true')
      writeFileSync(join(folder, name), text)
    }
    const paths = names.map((name) => join(folder, name))
    // It warns of units of the machine's own, too: only its verdict and what it says of these counts.
    const said = execFileSync('sh', ['-c', 'systemd-analyze verify --man=no "$@" 2>&1', 'sh', ...paths], { encoding: 'utf8' })
    assert.doesNotMatch(said, /lobbykey/)
    for (const name of names.filter((one) => one.endsWith('.service'))) {
      execFileSync('systemd-analyze', ['security', '--offline=yes', '--threshold=30', join(folder, name)], { stdio: 'pipe' })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
