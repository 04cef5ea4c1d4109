import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingProgram } from '../support/missing-program.ts'

const units = new URL('../../../../deploy/systemd/', import.meta.url).pathname
const names = ['lobbykey.service', 'lobbykey-backup.service', 'lobbykey-backup.timer']

test('systemd accepts the units, and rates their exposure as low', { skip: missingProgram('systemd-analyze') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-units-'))
  try {
    cpSync(units, folder, { recursive: true })
    // The programs they start must exist, and do not here.
    for (const name of names) {
      const text = readFileSync(join(folder, name), 'utf8').replaceAll('/opt/lobbykey/node_modules/.bin/lobbykey', '/bin/true')
      writeFileSync(join(folder, name), text)
    }
    const paths = names.map((name) => join(folder, name))
    // It also warns about the machine's own units: only its verdict and its words about these count.
    const said = execFileSync('sh', ['-c', 'systemd-analyze verify --man=no "$@" 2>&1', 'sh', ...paths], { encoding: 'utf8' })
    assert.doesNotMatch(said, /lobbykey/)
    for (const name of names.filter((one) => one.endsWith('.service'))) {
      execFileSync('systemd-analyze', ['security', '--offline=yes', '--threshold=30', join(folder, name)], { stdio: 'pipe' })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
