/** The previous release, running beside this one on a store that this one has migrated meanwhile. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { memberLock, type SellerTokens } from '@lobbykey/contract'
import { systemClock } from '../../src/core/base/clock.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { send } from '../support/installation.ts'
import { contract, ReleaseBefore } from '../support/release-before.ts'
import { runJson } from '../support/run-json.ts'
import { authPath } from '../support/seller-calls.ts'
import { ServerProcess } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

/** A store that the previous release made and serves; then this release migrates it and serves it, too. */
class TwoReleases {
  readonly env: Readonly<Record<string, string>>
  readonly release: ReleaseBefore
  old!: ServerProcess
  next!: ServerProcess
  #service = ''

  constructor(release: ReleaseBefore, url: string) {
    this.release = release
    this.env = {
      DATABASE_URL: url,
      MASTER_KEY: randomBytes(32).toString('base64'),
      PUBLIC_URL: 'http://127.0.0.1:8080',
      ARGON2_MEMORY_KIB: '7168',
      ARGON2_PASSES: '5',
      SHUTDOWN_GRACE_SECONDS: '0',
      LOG_LEVEL: 'fatal',
    }
  }

  /** Starts the sandbox of each, which adds its partners; this release's migrates the store at its start. */
  async start(): Promise<void> {
    this.old = await ServerProcess.start(['sandbox'], this.env, this.release.launcher)
  }

  async upgrade(): Promise<void> {
    this.next = await ServerProcess.start(['sandbox'], this.env)
    const { serviceId, secret } = await runJson<Record<string, string>>(this.env, ['service', 'add', 'tables'])
    this.#service = `Basic ${Buffer.from(`${serviceId}:${secret}`).toString('base64')}`
    await runJson(this.env, ['member', 'add', 'agent001', 'uid002'])
    for (const node of [this.old, this.next]) {
      await until(
        // A 401 has no "active" either.
        async () => (await this.check(node, 'nobody-s-token')).active === false,
        () => 'a node to hear of the service',
      )
    }
  }

  async stop(): Promise<void> {
    await this.old?.stop('SIGKILL')
    await this.next?.stop('SIGKILL')
  }

  /** In both directions. */
  get directions(): readonly [string, ServerProcess, ServerProcess][] {
    return [
      ['old to new', this.old, this.next],
      ['new to old', this.next, this.old],
    ]
  }

  async memberLogin(node: ServerProcess, userId: string): Promise<{ code: number; token: string }> {
    const token = randomBytes(12).toString('base64url')
    return { code: await this.post(node, this.loginBody(userId, token)), token }
  }

  loginBody(userId: string, token: string): object {
    return signed(loginBody(systemClock.now(), { user_id: userId, token }))
  }

  async post(node: ServerProcess, body: object): Promise<number> {
    return ((await send('POST', `${node.origin}/api/member/login`, { body })).json as { code: number }).code
  }

  async setStatus(node: ServerProcess, userId: string, status: string): Promise<number> {
    const body = { agent_id: 'agent001', user_id: userId, status, timestamp: systemClock.now() }
    const { json } = await send('POST', `${node.origin}/api/member/lock`, { body: signed(body, { call: memberLock }) })
    return (json as { code: number }).code
  }

  async isLive(node: ServerProcess, token: string): Promise<boolean> {
    return (await this.check(node, token)).active === true
  }

  async check(node: ServerProcess, token: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`${node.origin}/session/check`, {
      method: 'POST',
      headers: { authorization: this.#service, connection: 'close' },
      body: new URLSearchParams({ agent_id: 'agent001', token }),
    })
    return (await answer.json()) as Record<string, unknown>
  }

  async sellerLogin(node: ServerProcess): Promise<SellerTokens> {
    return (
      (await send('POST', `${node.origin}${authPath}/login`, { body: { email: sampleSeller.email, password: sampleSeller.password } }))
        .json as { data: SellerTokens }
    ).data
  }

  async refresh(node: ServerProcess, { refreshToken }: SellerTokens): Promise<SellerTokens> {
    const { status, json } = await send('POST', `${node.origin}${authPath}/refresh`, { body: { refreshToken } })
    assert.equal(status, 200, JSON.stringify(json))
    return (json as { data: SellerTokens }).data
  }

  async me(node: ServerProcess, { accessToken }: SellerTokens, path = 'me'): Promise<number> {
    const headers = { authorization: `Bearer ${accessToken}` }
    return (await send(path === 'me' ? 'GET' : 'POST', `${node.origin}${authPath}/${path}`, { headers })).status
  }
}

for (const kind of testStores()) {
  describe(`[check 80] the previous release beside this one (${kind.name})`, { skip: ReleaseBefore.missing() }, () => {
    let release: ReleaseBefore
    let two: TwoReleases
    let drop: () => Promise<void>
    let early: { member: string; tokens: SellerTokens }
    before(async () => {
      const database = await kind.createEmpty()
      drop = database.drop
      release = ReleaseBefore.unpack()
      two = new TwoReleases(release, database.url)
      await two.start()
      early = { member: (await two.memberLogin(two.old, 'uid001')).token, tokens: await two.sellerLogin(two.old) }
      await two.upgrade()
    })
    after(async () => {
      await two.stop()
      release.remove()
      await drop()
    })

    test('the store was migrated while it ran, and earlier rows stay valid', async () => {
      for (const node of [two.old, two.next]) {
        assert.equal(await two.isLive(node, early.member), true)
        assert.equal(await two.me(node, early.tokens), 200)
      }
      const once = await two.refresh(two.next, early.tokens)
      await two.refresh(two.old, once)
    })

    test('member logins, locks and ends are seen by the other release', async () => {
      for (const [name, here, there] of two.directions) {
        const login = await two.memberLogin(here, 'uid002')
        assert.deepEqual([login.code, await two.isLive(there, login.token)], [200, true], name)
        assert.equal(await two.setStatus(here, 'uid002', 'LockAll'), 200, name)
        assert.equal((await two.memberLogin(there, 'uid002')).code, (await two.memberLogin(here, 'uid002')).code, name)
        assert.notEqual((await two.memberLogin(there, 'uid002')).code, 200, name)
        await until(
          async () => !(await two.isLive(there, login.token)),
          () => `${name}: the end of a session`,
        )
        assert.equal(await two.setStatus(there, 'uid002', 'Active'), 200, name)
        assert.equal((await two.memberLogin(here, 'uid002')).code, 200, name)
      }
    })

    test("fields kept with a login's session are shown by the other release, and bound to its signature on both", async () => {
      const kept = { callback: 'https://h5-uat.aig1234.com/home', custom_language: 'en>x', limits: { USD_101: '110101' } }
      const toldBy = async (node: ServerProcess, token: string) => {
        const { callback, custom_language, limits } = await two.check(node, token)
        return { callback, custom_language, limits: Object.keys(limits ?? {}) }
      }
      for (const [name, here, there] of two.directions) {
        const token = randomBytes(12).toString('base64url')
        const body = two.loginBody('uid001', token)
        assert.equal(await two.post(here, { ...body, ...kept }), 200, name)
        for (const node of [here, there]) assert.deepEqual(await toldBy(node, token), { ...kept, limits: ['USD_101'] }, name)
        assert.equal(await two.post(there, { ...body, ...kept }), 200, name)
        assert.equal(await two.post(there, { ...body, ...kept, custom_language: 'en>y' }), 700106, name)
        assert.equal(await two.post(there, two.loginBody('uid001', token)), 200, name)
        for (const node of [here, there]) {
          await until(
            async () => (await toldBy(node, token)).callback === null,
            () => `${name}: the renewal`,
          )
          assert.deepEqual(await toldBy(node, token), { callback: null, custom_language: null, limits: [] }, name)
        }
      }
    })

    test('seller logins, refreshes and logouts too', async () => {
      for (const [name, here, there] of two.directions) {
        let tokens = await two.sellerLogin(here)
        for (const node of [there, here, there]) {
          tokens = await two.refresh(node, tokens)
          for (const each of [here, there]) assert.equal(await two.me(each, tokens), 200, name)
        }
        assert.equal(await two.me(here, tokens, 'logout'), 200, name)
        await until(
          async () => (await two.me(there, tokens)) === 401,
          () => `${name}: the logout`,
        )
      }
    })

    test('that release works on a store that was only added to, and refuses one that was contracted, with an explanation', async () => {
      assert.equal(release.run(['merchant', 'list'], two.env).exitCode, 0)
      await contract(two.env.DATABASE_URL ?? '')
      for (const words of [
        ['merchant', 'list'],
        ['serve', '--check-config'],
      ]) {
        const { exitCode, output } = release.run(words, two.env)
        assert.equal(exitCode, 2, output)
        assert.match(output, /the store was migrated by a newer Lobbykey \(.+\): run that version, or a later one/)
      }
    })
  })
}
