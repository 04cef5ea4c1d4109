import assert from 'node:assert/strict'
import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, login } from '../support/seller-calls.ts'
import { testStores } from '../support/stores.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

const password = 'old short one'
const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
const salt = Buffer.from('sixteen bytes of')

for (const storeKind of testStores()) {
  test(`[check 1] [check 4] imported hashes log in and become Argon2id; on ${storeKind.name}`, async (t) => {
    const gateway = await startTestGateway({ storeKind })
    t.after(() => gateway.close())
    const { databaseUrl, masterKey } = gateway.settings
    const command = new CommandLine({ DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.from(masterKey).toString('base64') })
    const long = 'b'.repeat(80)
    const sha256 = pbkdf2Sync(password, salt, 1_000, 32, 'sha256')
    const hashes: Record<string, string> = {
      bcrypt: await bcrypt(password, { cost: 4 }),
      argon2i: await argon2(password, { algorithm: 1, memoryCost: 64, timeCost: 2 }),
      argon2d: await argon2(password, { algorithm: 0, memoryCost: 64, timeCost: 2 }),
      scrypt: `$scrypt$ln=4,r=8,p=1$${b64(salt)}$${b64(scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 }))}`,
      werkzeug: `scrypt:16:8:1$${salt}$${scryptSync(password, salt, 64, { N: 16, r: 8, p: 1 }).toString('hex')}`,
      pbkdf2: `$pbkdf2-sha256$1000$${b64(salt).replaceAll('+', '.')}$${b64(sha256).replaceAll('+', '.')}`,
      django: `pbkdf2_sha256$1000$${salt}$${sha256.toString('base64')}`,
    }
    const rows = Object.entries(hashes).map(([name, passwordHash]) => ({ email: `${name}@import.example`, passwordHash }))
    const wrong = [
      '{',
      '[]',
      JSON.stringify({ email: 'x', passwordHash: hashes.bcrypt }),
      JSON.stringify({ email: 'a@import.example', passwordHash: '5f4dcc3b5aa765d61d8327deb882cf99' }),
      JSON.stringify({ email: 'a@import.example', passwordHash: hashes.bcrypt?.replace('$04$', '$14$') }),
      JSON.stringify({ email: 'a@import.example', passwordHash: hashes.scrypt?.replace('ln=4', 'ln=20') }),
      JSON.stringify({ email: 'a@import.example', passwordHash: hashes.pbkdf2?.replace('$1000$', '$9999999$') }),
      JSON.stringify({ email: 'a@import.example', passwordHash: hashes.argon2i?.replace('m=64', 'm=1048576') }),
      JSON.stringify({ email: 'a@import.example', passwordHash: hashes.bcrypt, role: 'admin' }),
    ]
    const file = join(await temporaryFolder(t), 'sellers.ndjson')
    const longRow = { email: 'long@import.example', passwordHash: await bcrypt(long, { cost: 4 }) }
    await writeFile(
      file,
      [...rows, longRow]
        .map((row) => JSON.stringify(row))
        .concat('', wrong)
        .join('\n'),
    )
    const count = rows.length + 1
    const report = async (words: string[] = [], from = file) => {
      const { exitCode, output, errorOutput } = await command.run(['seller', 'import', from, ...words, '--json'])
      assert.equal(exitCode, 4, 'lines were refused')
      assert.match(errorOutput, /lines? refused/)
      return JSON.parse(output) as { added: number; existing: number; refused: { line: number }[] }
    }
    assert.equal((await report(['--dry-run'])).added, count)
    const first = await report()
    assert.deepEqual([first.added, first.existing], [count, 0])
    assert.deepEqual(
      first.refused.map(({ line }) => line),
      wrong.map((_, index) => count + 2 + index),
    )
    const again = await report()
    assert.deepEqual([again.added, again.existing], [0, count])
    for (const { email } of rows) {
      assert.equal(codeOf(await login(gateway, { email, password: `${password}!` })), '10006', email)
      assert.equal(codeOf(await login(gateway, { email, password })), '0000', email)
      assert.match((await gateway.store.sellers.findByEmail(email))?.passwordHash ?? '', /^\$argon2id\$v=19\$m=7168,t=5,p=1\$/)
      assert.equal(codeOf(await login(gateway, { email, password })), '0000', email)
    }
    // More than bcrypt distinguishes: wrong, complete or truncated, until a reset.
    for (const text of [long, `${long}c`]) assert.equal(codeOf(await login(gateway, { email: longRow.email, password: text })), '10006')
    const csv = `${file}.csv`
    await writeFile(csv, `email,passwordHash,status\ncsv@import.example,"${hashes.argon2i}",\ncsv2@import.example,x\n`)
    const table = await report([], csv)
    assert.deepEqual([table.added, table.refused.map(({ line }) => line)], [1, [3]])
    assert.equal(codeOf(await login(gateway, { email: 'csv@import.example', password })), '0000')
    assert.equal((await command.failure(['seller', 'import', `${file}.not`])).exitCode, 3)
  })
}
