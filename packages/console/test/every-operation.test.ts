import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { adminOperationNames } from '@lobbykey/contract/admin'
import { leftOut } from '../src/console/left-out.ts'

const source = globSync(join(import.meta.dirname, '../src/console/**/*.{ts,tsx}'))
  .filter((file) => !file.endsWith('left-out.ts') && !file.endsWith('navigation.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

test('the console runs every operation, or names it as left out', () => {
  const isUsed = (name: string) => source.includes(`'${name}'`) || source.includes(`"${name}"`)
  assert.deepEqual(
    adminOperationNames.filter((name) => !isUsed(name) && leftOut[name] === undefined),
    [],
    'neither used nor left out',
  )
  assert.deepEqual(
    adminOperationNames.filter((name) => isUsed(name) && leftOut[name] !== undefined),
    [],
    'left out, and used',
  )
})
