import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { roles } from '@lobbykey/contract/admin'
import { SandboxLink } from '../../../src/core/operators/sandbox-link.ts'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { ConsoleVisitor, codeOf, enrol, invite, password } from '../../support/operator-accounts.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`signing in to the console on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let node: TestGateway
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      node = await gateway.openSecondNode()
    })
    after(async () => {
      await node.close()
      await gateway.close()
    })
    const signIn = (email: string, code: string, visitor = new ConsoleVisitor(gateway)) =>
      visitor.post('password', { email, password, code })

    test('[check 95] an invitation is accepted once, by one of twenty concurrent calls, and opens a session on every node', async () => {
      const { email, link } = await invite(gateway, 'owner')
      const visitor = new ConsoleVisitor(gateway)
      const { json } = await visitor.post('invitation', { link })
      assert.deepEqual([json.email, json.role, json.isReset], [email, 'owner', false])
      assert.match(json.totp.uri, /^otpauth:\/\/totp\/Lobbykey:colleague\d+%40example\.com\?secret=[A-Z2-7]{32}&/)
      const code = codeOf(gateway, json.totp.secret)
      const weak = await visitor.post('acceptWithPassword', { link, password: 'passwordpassword', code })
      assert.deepEqual([weak.status, weak.json.field], [400, 'password'], 'whoever chose badly may choose again')
      const wrong = await visitor.post('acceptWithPassword', { link, password, code: '000000' })
      assert.deepEqual([wrong.status, wrong.json.field], [400, 'code'])
      const visitors = Array.from({ length: 20 }, (_visitor, at) => new ConsoleVisitor(at % 2 === 0 ? gateway : node))
      const answers = await Promise.all(visitors.map((one) => one.post('acceptWithPassword', { link, password, code })))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 19 }, () => 410)])
      const winner = visitors[answers.findIndex(({ status }) => status === 200)]
      const there = new ConsoleVisitor(winner?.gateway === node ? gateway : node)
      there.cookie = winner?.cookie ?? null
      assert.equal((await there.call('GET', '/account')).json.email, email)
      assert.equal((await visitor.post('invitation', { link })).json.key, 'invitation_over')
      const [event] = await gateway.store.events.list({ kind: 'operator.added', limit: 1 })
      assert.deepEqual([event?.surface, event?.actor], ['console', `operator:${event?.subject}`])
    })

    test('[check 9] a link ends after an hour, when it is revoked, and when there is a newer one', async () => {
      const late = await invite(gateway, 'support')
      gateway.clock.advance(3_600_000)
      const visitor = new ConsoleVisitor(gateway)
      assert.equal((await visitor.post('invitation', { link: late.link })).status, 410)
      const { visitor: owner } = await enrol(gateway, 'owner')
      const invited = { email: 'twice@example.com', name: 'Twice', role: 'support' }
      const first = await owner.call('POST', '/invitations', invited)
      assert.equal(first.status, 201)
      assert.match(first.json.link, /^http:\/\/localhost:8081\/sign-in#[\w-]{43}$/)
      const second = await owner.call('POST', '/invitations', invited)
      const linkOf = (json: { link: string }) => new URL(json.link).hash.slice(1)
      assert.equal((await visitor.post('invitation', { link: linkOf(first.json) })).status, 410)
      assert.equal((await visitor.post('invitation', { link: linkOf(second.json) })).status, 200)
      assert.equal((await owner.call('POST', `/invitations/${second.json.invitationId}/revoke`, {})).status, 200)
      assert.equal((await visitor.post('invitation', { link: linkOf(second.json) })).status, 410)
      const { json } = await owner.call('GET', '/invitations?limit=2')
      assert.deepEqual(
        json.items.map(({ state }: { state: string }) => state),
        ['revoked', 'revoked'],
      )
      assert.doesNotMatch(JSON.stringify(json), new RegExp(linkOf(second.json)))
    })

    test('nobody assigns a role above their own, and the invitations of a disabled operator are void', async () => {
      const owner = await enrol(gateway, 'owner')
      const narrow = await addToken(gateway, await addOperator(gateway, 'owner'), { rights: ['operators.write', 'self'] })
      const invited = { email: 'rise@example.com', name: 'Rise', role: 'owner' }
      assert.equal((await adminCall(gateway, narrow, 'POST', '/invitations', { body: invited })).json.key, 'forbidden')
      const { json } = await owner.visitor.call('POST', '/invitations', invited)
      await addOperator(gateway, 'owner')
      const other = await enrol(gateway, 'owner')
      await other.visitor.call('POST', `/operators/${owner.operatorId}/disable`, {})
      assert.equal((await new ConsoleVisitor(gateway).post('invitation', { link: new URL(json.link).hash.slice(1) })).status, 410)
      assert.equal((await owner.visitor.call('GET', '/account')).status, 401)
    })

    test('an invitation is void once its inviter could not give it any more', async () => {
      await addOperator(gateway, 'owner')
      const boss = await enrol(gateway, 'owner')
      const status = async (link: string) => {
        const visitor = new ConsoleVisitor(gateway)
        const shown = await visitor.post('invitation', { link: new URL(link).hash.slice(1) })
        if (shown.status === 200) return 200
        const fields = { link: new URL(link).hash.slice(1), password, code: '000000' }
        assert.equal((await visitor.post('acceptWithPassword', fields)).status, 410, 'nor accepted')
        return shown.status
      }
      const invite = (email: string) => ({ email, name: 'Colleague', role: 'owner' })

      const leaky = await addOperator(gateway, 'owner')
      const leaked = await addToken(gateway, leaky, { name: 'leaked' })
      const kept = await addToken(gateway, leaky)
      const [byLeaked, byKept] = [
        await adminCall(gateway, leaked, 'POST', '/invitations', { body: invite('by-leaked@example.com') }),
        await adminCall(gateway, kept, 'POST', '/invitations', { body: invite('by-kept@example.com') }),
      ]
      assert.deepEqual([await status(byLeaked.json.link), await status(byKept.json.link)], [200, 200])
      const tokens = (await boss.visitor.call('GET', `/tokens?operatorId=${leaky.id}`)).json.items
      const { tokenId } = tokens.find(({ name }: { name: string }) => name === 'leaked')
      await boss.visitor.call('POST', `/tokens/${tokenId}/revoke`, {})
      assert.deepEqual([await status(byLeaked.json.link), await status(byKept.json.link)], [410, 200], 'the token was revoked')
      await boss.visitor.call('POST', `/operators/${leaky.id}/disable`, {})
      assert.equal(await status(byKept.json.link), 410, 'its operator was disabled')

      const demoted = await enrol(gateway, 'owner')
      const { json } = await demoted.visitor.call('POST', '/invitations', invite('by-demoted@example.com'))
      assert.equal(await status(json.link), 200)
      await boss.visitor.call('PATCH', `/operators/${demoted.operatorId}`, { role: 'support' }, { 'if-match': '*' })
      assert.equal(await status(json.link), 410, 'a support makes no owners')

      const held = await enrol(gateway, 'owner')
      const { json: byHeld } = await held.visitor.call('POST', '/invitations', invite('by-held@example.com'))
      await boss.visitor.call('PATCH', `/operators/${held.operatorId}`, { agentIds: ['agent001'] }, { 'if-match': '*' })
      assert.equal(await status(byHeld.link), 410, 'who is restricted to a merchant makes no one who is not')

      const some = await addToken(gateway, await addOperator(gateway, 'owner'), { rights: ['operators.write', ...roles.support.rights] })
      const { id: risen } = await addOperator(gateway, 'support')
      const { json: reset } = await adminCall(gateway, some, 'POST', `/operators/${risen}/reset`, { body: {} })
      assert.equal(await status(reset.link), 200)
      await boss.visitor.call('PATCH', `/operators/${risen}`, { role: 'owner' }, { 'if-match': '*' })
      assert.equal(await status(reset.link), 410, 'the account has more rights now than the token that resets it')
    })

    test('[check 63] a password opens nothing without a code, and a code is used once', async () => {
      const { email, secret } = await enrol(gateway, 'support')
      const code = codeOf(gateway, secret)
      const visitor = new ConsoleVisitor(gateway)
      const first = await signIn(email, code, visitor)
      assert.equal(first.status, 200)
      const set = String(first.headers['set-cookie'])
      assert.match(set, /^console=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
      assert.doesNotMatch(JSON.stringify(first.json), new RegExp(String(visitor.cookie).slice(8)))
      assert.equal((await signIn(email, code)).json.key, 'sign_in_refused', 'a code is used once')
      assert.equal((await signIn(email, codeOf(gateway, secret, -1))).status, 401, 'nor one before it')
      assert.equal((await signIn(email, codeOf(gateway, secret, 5))).status, 401)
      gateway.clock.advance(30_000)
      const fresh = codeOf(gateway, secret)
      const atOnce = await Promise.all(Array.from({ length: 4 }, () => signIn(email, fresh)))
      assert.deepEqual(atOnce.map(({ status }) => status).sort(), [200, 401, 401, 401])
    })

    test('[check 7] unknown, wrong, disabled and used codes are answered alike', async () => {
      const { email, secret } = await enrol(gateway, 'support')
      const gone = await enrol(gateway, 'support')
      const operator = await gateway.store.operators.find(gone.operatorId)
      assert.ok(operator)
      const at = gateway.clock.now()
      await gateway.store.operators.update({ ...operator, status: 'disabled', updatedAt: at + 1 }, operator.updatedAt, {
        at,
        kind: 'operator.disabled',
        surface: 'cli',
      })
      const code = codeOf(gateway, secret)
      const answers = [
        await signIn('nobody@example.com', code),
        await signIn(email, '123456'),
        await signIn(gone.email, codeOf(gateway, gone.secret)),
        await signIn(email, 'aaaa-bbbb-cccc-dddd'),
        await new ConsoleVisitor(gateway).post('password', { email, password: 'another password altogether', code }),
      ]
      for (const { status, json } of answers) {
        const { requestId: _id, ...problem } = json
        const { requestId: _other, ...first } = answers[0]?.json ?? {}
        assert.deepEqual([status, problem], [401, first])
      }
      assert.equal((await signIn(email, codeOf(gateway, secret))).status, 200)
    })

    test('[check 8] wrong codes count like wrong passwords, for the account and in the store', async () => {
      const { email, secret } = await enrol(gateway, 'support')
      const stranger = () => new ConsoleVisitor(gateway, '198.51.100.7')
      const guesses = []
      for (let guess = 0; guess < 7; guess++) guesses.push(await signIn(email, '123456', stranger()))
      assert.deepEqual(
        guesses.map(({ status }) => status),
        [401, 401, 401, 401, 401, 429, 429],
      )
      assert.ok(Number(guesses[5]?.headers['retry-after']) >= 1)
      assert.equal((await signIn(email, codeOf(gateway, secret), new ConsoleVisitor(node, '198.51.100.8'))).status, 429, 'on every node')
      assert.equal((await signIn(email, codeOf(gateway, secret))).status, 200, 'not where the account is known from')
    })

    test('a recovery code opens a session that confirms nothing, once, for one of twenty concurrent calls', async () => {
      const { email, recoveryCodes } = await enrol(gateway, 'owner')
      assert.equal(recoveryCodes.length, 10)
      const [code = ''] = recoveryCodes
      const visitors = Array.from({ length: 20 }, (_visitor, at) => new ConsoleVisitor(at % 2 === 0 ? gateway : node))
      const answers = await Promise.all(visitors.map((visitor) => signIn(email, code.toUpperCase(), visitor)))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      const visitor = visitors[answers.findIndex(({ status }) => status === 200)]
      const account = await visitor?.call('GET', '/account')
      assert.deepEqual([account?.json.recoveryCodesLeft, account?.json.confirmedUntil], [9, null])
      const refused = await visitor?.call('POST', '/account/recovery-codes', {})
      assert.deepEqual([refused?.status, refused?.json.key], [403, 'confirmation_required'])
      const [, second = ''] = recoveryCodes
      assert.equal((await visitor?.post('confirm', { code: second }))?.status, 400, 'a recovery code confirms nothing')
    })

    test('an account has at most twenty passkeys, even when many are added at once, and the limit is reported before one is made', async () => {
      const { visitor, operatorId } = await enrol(gateway, 'owner')
      assert.equal((await visitor.post('newPasskeyOptions', {})).status, 200)
      const add = (at: number) => {
        const { operatorAccounts } = (at % 2 === 0 ? gateway : node).store
        const now = gateway.clock.now()
        const key = { name: `key ${at}`, publicKey: new Uint8Array([1]), signCount: 0, transports: [], createdAt: now, lastUsedAt: null }
        const event = { at: now, kind: 'operator.passkey_added', surface: 'console', subject: operatorId } as const
        return operatorAccounts.addPasskey({ id: `${operatorId}-${at}`, operatorId, ...key }, 20, event)
      }
      const outcomes = await Promise.all(Array.from({ length: 25 }, (_key, at) => add(at)))
      assert.equal(outcomes.filter((outcome) => outcome === 'added').length, 20)
      assert.equal(outcomes.filter((outcome) => outcome === 'full').length, 5)
      const refused = await visitor.post('newPasskeyOptions', {})
      assert.deepEqual([refused.status, refused.json.key], [409, 'conflict'])
    })

    test('[check 94] an operation that needs confirmation requires a second factor within five minutes', async () => {
      const { visitor, secret } = await enrol(gateway, 'owner')
      assert.equal((await visitor.call('POST', '/account/recovery-codes', {})).status, 201)
      gateway.clock.advance(300_000)
      assert.equal((await visitor.call('POST', '/account/recovery-codes', {})).json.key, 'confirmation_required')
      assert.equal((await visitor.post('confirm', { code: '000000' })).json.key, 'sign_in_refused')
      const refusedCodes = async (): Promise<string[]> => {
        await Promise.all([gateway.flushCounts(), gateway.flushRefusals()])
        const { json: counted } = await visitor.call('GET', '/call-counts/top?surface=admin-api&by=code')
        return counted.items.map((row: { code: string }) => row.code)
      }
      const codes = await refusedCodes()
      assert.ok(codes.includes('sign_in_refused'), 'what is refused is counted')
      assert.ok(!codes.includes('confirmation_required'), 'that it asks again is no refusal')
      const token = await addToken(gateway, await addOperator(gateway, 'owner'), { allowConfirmed: false })
      const { json: denied } = await adminCall(gateway, token, 'POST', '/merchants/acme/disable')
      assert.equal(denied.key, 'confirmation_required')
      assert.ok((await refusedCodes()).includes('confirmation_required'), 'a token that may not is refused')
      const code = codeOf(gateway, secret)
      const confirmed = await visitor.post('confirm', { code })
      assert.equal(confirmed.json.confirmedUntil, new Date(gateway.clock.now() + 300_000).toISOString())
      assert.equal((await visitor.post('confirm', { code })).status, 401, 'a code is used once')
      const { json } = await visitor.call('POST', '/account/recovery-codes', {})
      assert.equal(json.recoveryCodes.length, 10)
      for (let guess = 0; guess < 6; guess++) await visitor.post('confirm', { code: '000000' })
      assert.equal((await visitor.post('confirm', { code: '000000' })).status, 429, 'whoever holds a stolen session guesses no codes')
    })

    test('[check 94] a token changes nothing that its operator signs in with, whatever it may confirm; all tokens of an operator end at once', async () => {
      const { visitor, operatorId } = await enrol(gateway, 'owner')
      const operator = await gateway.store.operators.find(operatorId)
      assert.ok(operator !== null)
      const tokens = [await addToken(gateway, operator), await addToken(gateway, operator)]
      const [token = ''] = tokens
      const other = await addToken(gateway, await addOperator(gateway, 'support'))
      assert.equal((await adminCall(gateway, token, 'GET', '/account')).status, 200)
      for (const [method, path] of [
        ['POST', '/account/recovery-codes'],
        ['DELETE', '/account/passkeys/nosuch'],
      ] as const) {
        const refused = await adminCall(gateway, token, method, path, method === 'POST' ? { body: {} } : {})
        assert.deepEqual([refused.status, refused.json.key], [403, 'forbidden'], path)
      }
      const ended = await visitor.call('POST', `/operators/${operatorId}/revoke-tokens`, {})
      assert.deepEqual([ended.status, ended.json], [200, { operatorId, revoked: 2 }])
      for (const one of tokens) assert.equal((await adminCall(gateway, one, 'GET', '/account')).status, 401)
      assert.equal((await adminCall(gateway, other, 'GET', '/account')).status, 200)
      const events = await gateway.store.events.list({ kind: 'token.revoked', actor: `operator:${operatorId}`, limit: 10 })
      assert.equal(new Set(events.map(({ subject }) => subject)).size, 2)
      assert.equal((await visitor.call('POST', `/operators/${operatorId}/revoke-tokens`, {})).json.revoked, 0)
      assert.equal((await visitor.call('POST', '/operators/nosuch/revoke-tokens', {})).status, 404)
    })

    test("[check 61] the cookie counts only with the console's header and its own origin", async () => {
      const { visitor } = await enrol(gateway, 'owner')
      const refused: Record<string, string>[] = [
        { 'x-lobbykey-console': '' },
        { origin: 'http://localhost:8080' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site' },
      ]
      for (const headers of refused) {
        for (const [method, path] of [
          ['POST', '/console-sessions/end-others'],
          ['GET', '/account'],
        ] as const) {
          const { status, json } = await visitor.call(method, path, method === 'GET' ? undefined : {}, headers)
          assert.deepEqual([status, json.key], [403, 'foreign_origin'], JSON.stringify(headers))
        }
        assert.equal((await visitor.post('signOut', {}, headers)).status, 403)
        assert.equal(
          (await visitor.post('password', { email: 'a@b.example', password, code: '123456' }, headers)).status,
          403,
          'nor signing in',
        )
      }
      const bare = await adminCall(gateway, null, 'POST', '/console-sessions/end-others', {
        body: {},
        headers: { cookie: String(visitor.cookie), 'x-lobbykey-console': '1' },
      })
      assert.equal(bare.json.key, 'foreign_origin', 'nor without an Origin')
      const twice = { cookie: `${visitor.cookie}; console=${'A'.repeat(43)}` }
      assert.equal((await visitor.call('GET', '/account', undefined, twice)).status, 401)
      assert.equal((await visitor.call('GET', '/account', undefined, { 'sec-fetch-site': 'same-origin' })).status, 200)
      // Check 96: it has no meaning elsewhere.
      assert.equal(
        (await gateway.request('GET', '/merchant-api/seller/auth/me', { headers: { cookie: String(visitor.cookie) } })).status,
        401,
      )
    })

    test('a session ends when idle, after twelve hours, when it is ended, and with its account', async () => {
      const { visitor, email, secret, operatorId } = await enrol(gateway, 'support')
      const another = new ConsoleVisitor(node)
      assert.equal((await signIn(email, codeOf(gateway, secret), another)).status, 200)
      const { json } = await visitor.call('GET', '/console-sessions')
      assert.deepEqual(
        json.items.map(({ method, isCurrent, endedAt }: Record<string, unknown>) => [method, isCurrent, endedAt]),
        [
          ['password', false, null],
          ['invitation', true, null],
        ],
      )
      assert.equal((await visitor.call('POST', '/console-sessions/end-others', {})).json.ended, 1)
      assert.equal((await another.call('GET', '/account')).status, 401)
      for (let half = 0; half < 4; half++) {
        gateway.clock.advance(29 * 60_000)
        assert.equal((await visitor.call('GET', '/account')).status, 200)
      }
      gateway.clock.advance(30 * 60_000)
      assert.equal((await visitor.call('GET', '/account')).status, 401, 'idle')
      const third = new ConsoleVisitor(gateway)
      await signIn(email, codeOf(gateway, secret), third)
      for (let half = 0; half < 24; half++) {
        assert.equal((await third.call('GET', '/account')).status, 200)
        gateway.clock.advance(1_799_000)
      }
      gateway.clock.advance(24_000)
      assert.equal((await third.call('GET', '/account')).status, 401, 'in all')
      const fourth = new ConsoleVisitor(gateway)
      await signIn(email, codeOf(gateway, secret), fourth)
      const owner = await enrol(gateway, 'owner')
      const listed = await owner.visitor.call('GET', `/console-sessions?operatorId=${operatorId}&limit=1`)
      const foreign = await fourth.call('POST', `/console-sessions/${(await owner.visitor.call('GET', '/account')).json.sessionId}/end`, {})
      assert.equal(foreign.status, 404, "another's")
      assert.equal((await owner.visitor.call('POST', `/console-sessions/${listed.json.items[0].sessionId}/end`, {})).status, 200)
      assert.equal((await fourth.call('GET', '/account')).status, 401)
      assert.equal((await owner.visitor.post('signOut', {})).status, 200)
      assert.equal(owner.visitor.cookie, null, 'the browser is told to forget it')
    })

    test('[check 60] reduced roles and merchants take effect at the next call, on the other node', async () => {
      const owner = await enrol(gateway, 'owner')
      const held = await enrol(gateway, 'manager')
      const there = new ConsoleVisitor(node)
      there.cookie = held.visitor.cookie
      assert.equal((await there.call('GET', '/services')).status, 200)
      const path = `/operators/${held.operatorId}`
      const { etag } = (await owner.visitor.call('GET', path)).headers as { etag: string }
      const changed = await owner.visitor.call('PATCH', path, { role: 'partner', agentIds: ['agent001'] }, { 'if-match': etag })
      assert.equal(changed.status, 200)
      assert.equal((await there.call('GET', '/services')).status, 403)
      assert.equal((await there.call('GET', '/merchants/agent001')).status, 200)
      const [event] = await gateway.store.events.list({ kind: 'operator.updated', limit: 1 })
      assert.deepEqual([event?.surface, event?.actor], ['console', `operator:${owner.operatorId}`])
    })

    test('[check 9] a change of password needs the old one, and ends the other sessions', async () => {
      const { visitor, email, secret } = await enrol(gateway, 'support')
      const another = new ConsoleVisitor(gateway)
      await signIn(email, codeOf(gateway, secret), another)
      const next = 'nine kestrels by the quarry'
      const wrong = await another.post('changePassword', { oldPassword: 'not the one at all', newPassword: next })
      assert.equal(wrong.json.key, 'sign_in_refused')
      assert.equal((await another.post('changePassword', { oldPassword: password, newPassword: 'short' })).json.field, 'newPassword')
      assert.equal((await another.post('changePassword', { oldPassword: password, newPassword: next })).status, 200)
      assert.deepEqual([(await visitor.call('GET', '/account')).status, (await another.call('GET', '/account')).status], [401, 200])
      gateway.clock.advance(300_000)
      assert.equal((await another.post('changePassword', { oldPassword: next, newPassword: password })).json.key, 'confirmation_required')
    })

    test("an owner resets another's sign-in; old credentials end when the link is used", async () => {
      const owner = await enrol(gateway, 'owner')
      const lost = await enrol(gateway, 'support')
      const { json } = await owner.visitor.call('POST', `/operators/${lost.operatorId}/reset`, {})
      assert.equal((await lost.visitor.call('GET', '/account')).status, 200)
      const link = new URL(json.link).hash.slice(1)
      const visitor = new ConsoleVisitor(gateway)
      const shown = (await visitor.post('invitation', { link })).json
      assert.equal(shown.isReset, true)
      assert.notEqual(shown.totp.secret, lost.secret)
      const accepted = await visitor.post('acceptWithPassword', { link, password, code: codeOf(gateway, shown.totp.secret) })
      assert.equal(accepted.json.operatorId, lost.operatorId)
      assert.equal((await lost.visitor.call('GET', '/account')).status, 401)
      gateway.clock.advance(60_000)
      assert.equal((await signIn(lost.email, codeOf(gateway, lost.secret))).status, 401)
      assert.equal((await signIn(lost.email, lost.recoveryCodes[0] ?? '')).status, 401)
      assert.equal((await signIn(lost.email, codeOf(gateway, shown.totp.secret))).status, 200)
    })

    test('refusals are recorded, with the operator where known', async () => {
      const { visitor, operatorId } = await enrol(gateway, 'auditor')
      await visitor.call('POST', '/operators/nobody/disable', {})
      await signIn('nobody@example.com', '123456')
      await new ConsoleVisitor(gateway).post('invitation', { link: 'used' })
      await gateway.flushRefusals()
      const refusals = await gateway.store.refusals.list({ limit: 100 })
      const told = refusals.map(({ kind, code, subject }) => [kind, code, subject])
      for (const expected of [
        ['admin.operator.disable_refused', 'forbidden', operatorId],
        ['admin.sign-in.password_refused', 'sign_in_refused', undefined],
        ['admin.sign-in.invitation_refused', 'invitation_over', undefined],
      ]) {
        assert.ok(
          told.some((one) => JSON.stringify(one) === JSON.stringify(expected)),
          JSON.stringify(expected),
        )
      }
      assert.doesNotMatch(JSON.stringify(refusals), /seven herons|123456/)
    })
  })
}

test("[check 10] the sandbox's link opens its console once, from this machine only, and confirms by a click", async () => {
  const sandboxLink = new SandboxLink()
  const gateway = await startTestGateway({ settings: { adminPort: 8081 }, sandboxLink })
  try {
    const link = new URL(sandboxLink.url(gateway.settings.adminUrl)).hash.slice('#sandbox.'.length)
    assert.notEqual(new SandboxLink().url(''), sandboxLink.url(''))
    const { key, detail } = (await new ConsoleVisitor(gateway, '192.0.2.1').post('sandbox', { link })).json
    assert.deepEqual([key, detail], ['invitation_over', 'Start the sandbox again for a new link.'])
    assert.equal((await new ConsoleVisitor(gateway).post('sandbox', { link: 'another' })).status, 410)
    const visitors = Array.from({ length: 20 }, () => new ConsoleVisitor(gateway))
    const answers = await Promise.all(visitors.map((visitor) => visitor.post('sandbox', { link })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const visitor = visitors[answers.findIndex(({ status }) => status === 200)]
    assert.ok(visitor)
    const invited = { email: 'friend@example.com', name: 'Friend', role: 'support' }
    assert.equal((await visitor.call('POST', '/invitations', invited)).status, 201)
    gateway.clock.advance(300_000)
    assert.equal((await visitor.call('POST', '/invitations', invited)).json.key, 'confirmation_required')
    assert.equal((await visitor.post('confirm', {})).status, 200)
    assert.equal((await visitor.call('POST', '/invitations', invited)).status, 201)
  } finally {
    await gateway.close()
  }
  const plain = await startTestGateway({ settings: { adminPort: 8081 } })
  try {
    assert.equal(
      (await new ConsoleVisitor(plain).post('sandbox', { link: 'any' })).json.key,
      'path_not_found',
      'outside of the sandbox there is none',
    )
  } finally {
    await plain.close()
  }
})

test('[check 96] ADMIN_ALLOW keeps operators elsewhere out, by sign-in, session and token, and spends nothing of theirs; partners come from anywhere', async (t) => {
  const gateway = await startTestGateway({ settings: { adminPort: 8081, adminAllow: ['10.0.0.0/8'] } })
  t.after(() => gateway.close())
  const [inside, outside] = ['10.1.2.3', '192.0.2.1']
  const operator = await addOperator(gateway, 'owner')
  const partner = await addOperator(gateway, 'partner', ['agent001'])
  const get = async (token: string, address: string) => (await adminCall(gateway, token, 'GET', '/merchants/agent001', { address })).status
  const [owned, lent] = [await addToken(gateway, operator), await addToken(gateway, partner)]
  assert.deepEqual([await get(owned, inside), await get(owned, outside), await get(lent, outside)], [200, 403, 200])

  const { email, link } = await invite(gateway, 'support')
  const [home, abroad] = [new ConsoleVisitor(gateway, inside), new ConsoleVisitor(gateway, outside)]
  const { secret } = (await home.post('invitation', { link })).json.totp
  const accept = (visitor: ConsoleVisitor) => visitor.post('acceptWithPassword', { link, password, code: codeOf(gateway, secret) })
  const refused = await accept(abroad)
  assert.deepEqual([refused.status, refused.json.key, abroad.cookie], [403, 'operator_address_refused', null])
  assert.equal((await accept(home)).status, 200)
  gateway.clock.advance(30_000)
  const signIn = (visitor: ConsoleVisitor) => visitor.post('password', { email, password, code: codeOf(gateway, secret) })
  assert.deepEqual([(await signIn(abroad)).status, abroad.cookie], [403, null])
  assert.equal((await signIn(home)).status, 200)
  abroad.cookie = home.cookie
  assert.equal((await abroad.call('GET', '/account')).json.key, 'operator_address_refused')
  assert.equal((await home.call('GET', '/account')).status, 200)
})

test('[check 87] an inviter who loses the right while the password is hashed gives it to nobody', async (t) => {
  // Hashing takes a hundred times as long as the store needs to disable somebody.
  const gateway = await startTestGateway({ settings: { adminPort: 8081, argon2MemoryKib: 131_072, argon2Passes: 8 } })
  t.after(() => gateway.close())
  await enrol(gateway, 'owner')
  const inviter = await enrol(gateway, 'owner')
  const invited = { email: 'slow@example.com', name: 'Slow', role: 'owner' }
  const { json } = await inviter.visitor.call('POST', '/invitations', invited)
  const link = new URL(json.link).hash.slice(1)
  const visitor = new ConsoleVisitor(gateway)
  const { json: shown } = await visitor.post('invitation', { link })
  const accepting = visitor.post('acceptWithPassword', { link, password, code: codeOf(gateway, shown.totp.secret) })
  // Answered after the first look at the invitation.
  await visitor.post('invitation', { link })
  const { store } = gateway
  const operator = await store.operators.find(inviter.operatorId)
  assert.ok(operator)
  const event = { at: gateway.clock.now(), kind: 'operator.disabled', surface: 'cli', actor: 'cli:test@here' } as const
  await store.operators.update({ ...operator, status: 'disabled', updatedAt: operator.updatedAt + 1 }, operator.updatedAt, event)
  assert.equal((await accepting).json.key, 'invitation_over')
})
