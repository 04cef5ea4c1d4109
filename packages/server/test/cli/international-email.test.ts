/** An e-mail with an international domain is one account, however it is written, wherever it is named. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { codeOf, login } from '../support/seller-calls.ts'
import { testStores } from '../support/stores.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

const password = 'correct horse battery staple'
const written = 'User@Bücher.example'
const idna = 'user@xn--bcher-kva.example'

for (const storeKind of testStores()) {
  describe(`[check 47] e-mails with international domains on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let token: string
    let near: CommandLine
    let far: CommandLine
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      token = await addToken(gateway, await addOperator(gateway, 'owner'))
      const { databaseUrl, masterKey, publicUrl } = gateway.settings
      near = new CommandLine({ DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.from(masterKey).toString('base64'), PUBLIC_URL: publicUrl })
      far = new CommandLine({ LOBBYKEY_URL: await gateway.admin.listen({ host: '127.0.0.1', port: 0 }), LOBBYKEY_TOKEN: token })
    })
    after(() => gateway.close())
    const call = (...args: Parameters<typeof adminCall> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
      adminCall(gateway, token, ...args)

    test('it is added in one spelling, and logs in, is found, reset and listed in the other', async () => {
      assert.equal((await call('POST', '/sellers', { body: { email: written, password } })).json.email, idna)
      assert.equal((await call('POST', '/sellers', { body: { email: idna, password } })).json.key, 'already_exists')
      for (const email of [written, idna, 'USER@BÜCHER.EXAMPLE', ' user@xn--BCHER-kva.example ']) {
        assert.equal(codeOf(await login(gateway, { email, password })), '0000', email)
      }
      for (const email of [written, idna]) {
        const name = encodeURIComponent(email)
        assert.equal((await call('GET', `/sellers/${name}`)).json.email, idna)
        assert.equal((await call('POST', `/sellers/${name}/reset-link`, { body: {} })).json.email, idna)
        for (const command of [near, far]) {
          assert.equal((await command.json(['seller', 'show', email])).email, idna)
          assert.equal((await command.json(['seller', 'reset', email])).email, idna)
        }
      }
      for (const start of [written, idna, 'USER@', 'user@bücher', 'user@bücher.', 'user@Bücher.EX', 'user@xn--b']) {
        for (const command of [near, far]) {
          const { sellers } = await command.json<{ sellers: { email: string }[] }>(['seller', 'list', '--begins', start])
          assert.deepEqual(
            sellers.map(({ email }) => email),
            [idna],
            start,
          )
        }
      }
      const { sellers } = await near.json<{ sellers: { email: string }[] }>(['seller', 'list', '--after', written])
      assert.ok(sellers.every(({ email }) => email > idna))
    })

    test('an import finds the account that is there, and one that it has just added', async (t) => {
      const file = join(await temporaryFolder(t), 'sellers.csv')
      const hash = '"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$6cIZF6NNs7Lf9YBXD5y4xWyRWUzLPAcq2qw5wHcJ1ds"'
      writeFileSync(file, `email,passwordHash\nann@bücher.example,${hash}\nann@xn--bcher-kva.example,${hash}\n${written},${hash}\n`)
      const { output } = await far.run(['seller', 'import', file, '--json'])
      const { added, existing, refused } = JSON.parse(output)
      assert.deepEqual([added, existing, refused], [1, 2, []])
      assert.equal((await call('GET', `/sellers/${encodeURIComponent('ann@Bücher.example')}`)).json.email, 'ann@xn--bcher-kva.example')
    })

    test('wrong passwords are counted together, and lifted by either name', async () => {
      for (let tries = 0; tries < 12; tries++) {
        gateway.clock.advance(1)
        await login(gateway, { email: tries % 2 === 0 ? written : idna, password: 'no', address: '203.0.113.9' })
      }
      const counted = async (email: string) => (await call('GET', `/throttles?email=${encodeURIComponent(email)}`)).json.items
      const items = await counted(idna)
      assert.ok(
        items.some(({ failures }: { failures: number }) => failures > 1),
        JSON.stringify(items),
      )
      assert.deepEqual(await counted(written), items)
      assert.ok((await far.json<{ cleared: number }>(['throttle', 'clear', '--email', written])).cleared > 0)
      assert.deepEqual(await counted(idna), [])
    })

    test('operators are found and signed in by either spelling too', async () => {
      await addOperator(gateway, 'support', null, 'ops@bücher.example')
      for (const email of ['ops@bücher.example', 'OPS@xn--bcher-kva.example']) {
        assert.equal((await far.json(['operator', 'update', email, '--role', 'support'])).email, 'ops@xn--bcher-kva.example')
        const made = await near.json(['token', 'add', 'deploy', '--for', email])
        assert.ok(made.token)
      }
    })
  })
}
