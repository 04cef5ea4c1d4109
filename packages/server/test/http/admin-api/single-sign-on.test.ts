import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { SsoPurpose } from '@lobbykey/contract/admin'
import type { JWTPayload } from 'jose'
import pino from 'pino'
import { findSsoTrouble } from '../../../src/cli/sso-trouble.ts'
import { type AdminAnswer, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { ConsoleVisitor, codeOf, enrol, invite, password } from '../../support/operator-accounts.ts'
import { type Person, PersonAtProvider, TestProvider } from '../../support/sso-provider.ts'
import { testStores } from '../../support/stores.ts'

const adminUrl = 'http://localhost:8081'
let count = 0
let addresses = 0

/** Wrong tries are counted by address. */
function freshAddress(): string {
  addresses++
  return `10.1.${addresses >> 8}.${addresses & 255}`
}

/** Somebody with an account at the provider, and their browser. */
class Colleague {
  readonly subject = `subject-${++count}`
  readonly visitor: ConsoleVisitor
  readonly atProvider = new PersonAtProvider(this.subject)
  readonly provider: TestProvider

  constructor(provider: TestProvider, gateway: TestGateway, person: Person) {
    this.provider = provider
    this.visitor = new ConsoleVisitor(gateway, freshAddress())
    this.is(person)
  }

  is(person: Person): void {
    this.provider.people.set(this.subject, { email: `${this.subject}@example.com`, email_verified: true, name: 'Ada Example', ...person })
  }

  async start(purpose: SsoPurpose = 'sign-in'): Promise<string> {
    const { status, json } = await this.visitor.post('ssoStart', { purpose })
    assert.equal(status, 200, JSON.stringify(json))
    return json.url
  }

  /** The query with which the provider sends the browser back. */
  async answer(purpose: SsoPurpose = 'sign-in'): Promise<string> {
    return (await this.atProvider.visit(await this.start(purpose))).search
  }

  async finish(query: string): Promise<AdminAnswer> {
    return this.visitor.post('ssoFinish', { query })
  }

  /** As a person would, again where the machine was too busy for the provider to answer in time. */
  async signIn(purpose: SsoPurpose = 'sign-in'): Promise<AdminAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.finish(await this.answer(purpose))
      if (answer.status !== 503 || this.provider.state !== 'up' || tries === 5) return answer
    }
  }

  account(): Promise<AdminAnswer> {
    return this.visitor.call('GET', '/account')
  }
}

for (const storeKind of testStores()) {
  describe(`single sign-on on ${storeKind.name}`, () => {
    let provider: TestProvider
    let gateway: TestGateway
    let node: TestGateway
    before(async () => {
      provider = await TestProvider.start(adminUrl)
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081, adminUrl, ...provider.settings() } })
      gateway.clock.advance(Date.now() - gateway.clock.now())
      await gateway.hearChanges()
      node = await gateway.openSecondNode()
    })
    after(async () => {
      await node.close()
      await gateway.close()
      await provider.close()
    })
    const colleague = (person: Person, at = gateway) => new Colleague(provider, at, person)
    const events = async (kind: string, subject?: string) =>
      (await gateway.store.events.list({ kind, limit: 100 })).filter((one) => subject === undefined || one.subject === subject)

    test('the first sign-in makes an account with the role of the claim, and the next one finds it', async () => {
      const ada = colleague({ groups: ['others', 'lobby-support'] })
      const { status, json } = await ada.signIn()
      assert.deepEqual([status, json.email, json.name, json.role], [200, `${ada.subject}@example.com`, 'Ada Example', 'support'])
      assert.equal(json.confirmedUntil, null, 'signing in at the provider is no confirmation by default')
      const { json: account } = await ada.account()
      assert.deepEqual([account.method, account.sso], ['sso', { label: 'Example Login', isLinked: true, canConfirm: false }])
      const [added] = await events('operator.added', json.operatorId)
      assert.deepEqual(
        [added?.actor, added?.details?.issuer, added?.details?.subject],
        [`operator:${json.operatorId}`, provider.issuer, ada.subject],
      )
      const [signedIn] = await events('operator.signed_in', json.operatorId)
      assert.deepEqual([signedIn?.actor, signedIn?.details?.method], [`operator:${json.operatorId}`, 'sso'])
      const again = await ada.signIn()
      assert.equal(again.json.operatorId, json.operatorId)
      assert.notEqual(again.json.sessionId, json.sessionId)
    })

    test('an account is found by issuer and subject, never by e-mail: a local one with the same e-mail is not taken over', async () => {
      const { email, operatorId, secret, visitor: local } = await enrol(gateway, 'manager')
      const { email: ownerEmail } = await enrol(gateway, 'owner')
      for (const taken of [email, ownerEmail, email.toUpperCase()]) {
        const thief = colleague({ email: taken, groups: ['lobby-support'] })
        const refused = await thief.signIn()
        assert.deepEqual([refused.status, refused.json.key, (await thief.account()).status], [409, 'sso_email_taken', 401])
      }
      const [event] = await events('operator.sso_refused')
      assert.deepEqual([event?.details?.reason, event?.actor?.startsWith('sso:subject-')], ['email_taken', true])
      const [before] = [await gateway.store.operators.find(operatorId)]
      assert.equal(before?.sso, null)

      // Whoever is signed in to the local account, and has confirmed, links it.
      const person = colleague({ email, groups: ['lobby-support'] })
      person.visitor.cookie = local.cookie
      const linked = await person.signIn('link')
      assert.deepEqual([linked.status, linked.json.operatorId, linked.json.role], [200, operatorId, 'support'])
      const again = colleague({ email, groups: ['lobby-support'] })
      const fresh = new Colleague(provider, gateway, {})
      assert.equal((await again.signIn()).json.key, 'sso_email_taken', 'the same e-mail with another subject is somebody else')
      Object.assign(fresh, { subject: person.subject, atProvider: new PersonAtProvider(person.subject) })
      person.is({ email, groups: ['lobby-support'] })
      assert.equal((await fresh.signIn()).json.operatorId, operatorId)
      const code = codeOf(gateway, secret)
      const old = await new ConsoleVisitor(gateway, freshAddress()).post('password', { email, password, code })
      assert.equal(old.json.key, 'sign_in_refused', 'the password of before opens nothing, with a right code')
      const [event2] = await events('operator.sso_linked', operatorId)
      assert.deepEqual([event2?.actor, event2?.details?.subject], [`operator:${operatorId}`, person.subject])
    })

    test('linking needs a confirmation, an identity without an account, and an owner besides', async () => {
      const { visitor } = await enrol(gateway, 'support')
      const person = colleague({ groups: ['lobby-support'] })
      person.visitor.cookie = visitor.cookie
      gateway.clock.advance(301_000)
      assert.equal((await person.visitor.post('ssoStart', { purpose: 'link' })).json.key, 'confirmation_required')
      const used = colleague({ groups: ['lobby-support'] })
      assert.equal((await used.signIn()).status, 200)
      const { visitor: other } = await enrol(gateway, 'support')
      const twice = new Colleague(provider, gateway, {})
      Object.assign(twice, { atProvider: new PersonAtProvider(used.subject) })
      twice.visitor.cookie = other.cookie
      assert.equal((await twice.signIn('link')).json.key, 'sso_other_account')
    })

    test('no role, an empty list of merchants, a disabled account and an unverified e-mail are refused, each with one event in ten minutes', async () => {
      const outsider = colleague({ groups: ['others'] })
      for (let tries = 0; tries < 3; tries++) {
        const { status, json } = await outsider.signIn()
        assert.deepEqual([status, json.key, json.title], [403, 'sso_no_role', 'The provider gives you no role on this server.'])
      }
      const refused = (await events('operator.sso_refused')).filter(({ details }) => details?.subject === outsider.subject)
      assert.deepEqual(
        refused.map(({ details, actor }) => [details?.reason, actor]),
        [['no_role', `sso:${outsider.subject}`]],
      )
      assert.equal(await gateway.store.operators.findByEmail(`${outsider.subject}@example.com`), null)

      assert.equal((await colleague({ groups: ['lobby-partners'] }).signIn()).json.key, 'sso_no_role', 'a partner without merchants')
      for (const merchants of [[], '', ['no/merchant'], ['agent001', 'x y']]) {
        assert.equal(
          (await colleague({ groups: ['lobby-support'], merchants }).signIn()).json.key,
          'sso_no_role',
          JSON.stringify(merchants),
        )
      }
      assert.equal((await colleague({ groups: ['lobby-support'], email_verified: false }).signIn()).json.key, 'sso_failed')

      const gone = colleague({ groups: ['lobby-support'] })
      const { json } = await gone.signIn()
      const { visitor: owner } = await enrol(gateway, 'owner')
      assert.equal((await owner.call('POST', `/operators/${json.operatorId}/disable`, {})).status, 200)
      assert.equal((await gone.account()).json.key, 'not_signed_in')
      assert.equal((await gone.signIn()).json.key, 'sso_disabled')
      assert.equal((await events('operator.sso_refused', json.operatorId))[0]?.details?.reason, 'disabled')
      assert.equal((await owner.call('POST', `/operators/${json.operatorId}/enable`, {})).status, 200)
      assert.equal((await gone.signIn()).status, 200)
    })

    test('a partner is held to the merchants of the claim, and the first role of the table counts', async () => {
      const partner = colleague({ groups: ['lobby-partners'], merchants: 'agent002, agent001' })
      const { json } = await partner.signIn()
      const { json: account } = await partner.account()
      assert.deepEqual([json.role, account.agentIds], ['partner', ['agent001', 'agent002']])
      const both = colleague({ groups: ['lobby-support', 'lobby-managers'] })
      assert.equal((await both.signIn()).json.role, 'manager')
    })

    test('a role or merchants changed at the provider take force at the recheck, and who is gone loses sessions and tokens then', async () => {
      const ada = colleague({ groups: ['lobby-managers'] })
      const { json } = await ada.signIn()
      const { operatorId } = json
      const operator = await gateway.store.operators.find(operatorId)
      assert.ok(operator)
      const token = await addToken(gateway, operator)
      const tokenCall = (at = node) => adminCall(at, token, 'GET', '/account')
      ada.is({ groups: ['lobby-support'], merchants: ['agent001'] })
      gateway.clock.advance(14 * 60_000)
      assert.deepEqual([(await ada.account()).json.role, (await tokenCall()).json.agentIds], ['manager', null], 'not before it is due')
      gateway.clock.advance(60_000)
      const rotated = provider.requests.length
      const answers = await Promise.all(Array.from({ length: 20 }, (_one, at) => (at % 2 === 0 ? ada.account() : tokenCall())))
      assert.deepEqual(
        answers.map(({ status, json: { role, agentIds } }) => [status, role, agentIds]),
        answers.map(() => [200, 'support', ['agent001']]),
      )
      assert.equal(provider.requests.slice(rotated).filter((path) => path === '/token').length, 1, 'twenty at once on two nodes ask once')
      const [updated] = await events('operator.updated', operatorId)
      assert.deepEqual(
        [updated?.actor, updated?.details?.after],
        [`provider:${new URL(provider.issuer).host}`, { role: 'support', agentIds: ['agent001'] }],
      )
      assert.ok(!(await tokenCall()).json.rights.includes('merchants.write'), 'a token is never more than its maker')

      ada.is({ groups: [] })
      gateway.clock.advance(15 * 60_000)
      assert.equal((await tokenCall()).json.key, 'sso_no_role')
      assert.equal((await ada.account()).json.key, 'not_signed_in', 'the sessions have ended')
      assert.equal((await tokenCall(gateway)).json.key, 'sso_check_due')
      const [withdrawn] = await events('operator.sso_withdrawn', operatorId)
      assert.deepEqual([withdrawn?.details?.reason, withdrawn?.actor?.startsWith('provider:')], ['no_role', true])
      ada.is({ groups: ['lobby-support'] })
      const back = await ada.signIn()
      assert.equal(back.json.operatorId, operatorId, JSON.stringify(back.json))
      assert.equal((await tokenCall()).status, 200, 'whoever is back has their tokens back')

      provider.people.delete(ada.subject)
      gateway.clock.advance(15 * 60_000)
      for (const answer of [await ada.account(), await tokenCall(), await tokenCall(gateway)]) {
        assert.deepEqual([answer.status, answer.json.key], [401, 'sso_check_due'])
      }
      assert.equal((await events('operator.sso_withdrawn', operatorId))[0]?.details?.reason, 'refresh_refused')
    })

    test('without a refresh token the browser asks the provider, without a word from the person', async () => {
      provider.givesRefreshTokens = false
      const ada = colleague({ groups: ['lobby-managers'] })
      const { json } = await ada.signIn()
      ada.is({ groups: ['lobby-support'] })
      gateway.clock.advance(15 * 60_000)
      assert.equal((await ada.account()).json.key, 'sso_check_due')
      const checked = await ada.signIn('check')
      assert.deepEqual([checked.status, checked.json.sessionId, checked.json.role], [200, json.sessionId, 'support'])
      assert.equal((await ada.account()).json.role, 'support')

      gateway.clock.advance(15 * 60_000)
      ada.atProvider.forget()
      assert.match(await ada.answer('check'), /error=login_required/)
      assert.equal((await ada.finish(await ada.answer('check'))).json.key, 'sso_check_due')
      assert.equal((await ada.account()).json.key, 'sso_check_due')
      assert.equal((await ada.visitor.post('signOut', {})).status, 200, 'one can always sign out')

      // Somebody else in the same browser does not vouch for them.
      await ada.signIn()
      gateway.clock.advance(15 * 60_000)
      const other = colleague({ groups: ['lobby-owners'] })
      const asked = await ada.start('check')
      await other.signIn()
      const { search } = await other.atProvider.visit(asked)
      assert.equal((await ada.finish(search)).json.key, 'sso_other_account')
      assert.equal((await ada.account()).json.key, 'sso_check_due')
      provider.givesRefreshTokens = true
    })

    test('while the provider is away nobody gets in or stays in by it beyond the interval, and local accounts do', async () => {
      const ada = colleague({ groups: ['lobby-support'] })
      await ada.signIn()
      const query = await ada.answer()
      const { visitor: local } = await enrol(gateway, 'support')
      for (const state of ['gone', 'broken', 'slow'] as const) {
        provider.state = state
        assert.equal((await ada.account()).status, 200, 'the last word still counts')
        const { status, json } = await ada.finish(query)
        assert.deepEqual([status, state === 'gone' ? json.key : 'sso_unavailable'], [state === 'gone' ? 503 : 401, 'sso_unavailable'])
        gateway.clock.advance(15 * 60_000)
        for (let tries = 0; tries < 3; tries++) {
          const refused = await ada.account()
          assert.deepEqual([refused.status, refused.json.key], [503, 'sso_unavailable'], state)
        }
        assert.equal((await local.call('GET', '/account')).status, 200)
        provider.state = 'up'
        gateway.clock.advance(5_000)
        assert.deepEqual((await ada.account()).json.key, undefined, `it is back after ${state}`)
      }
    })

    test('a check that failed for one account leaves the others alone', async () => {
      const [ada, bob] = [colleague({ groups: ['lobby-support'] }), colleague({ groups: ['lobby-support'] })]
      await ada.signIn()
      await bob.signIn()
      gateway.clock.advance(15 * 60_000)
      provider.state = 'broken'
      assert.equal((await ada.account()).json.key, 'sso_unavailable')
      provider.state = 'up'
      assert.equal((await bob.account()).status, 200)
      assert.equal((await ada.account()).json.key, 'sso_unavailable', 'the provider is not asked about it for five seconds')
      gateway.clock.advance(5_000)
      assert.equal((await ada.account()).status, 200)
    })

    test('an answer is accepted once, from the browser that began, within ten minutes: replay, login CSRF, injected code and state', async () => {
      const ada = colleague({ groups: ['lobby-support'] })
      const query = await ada.answer()
      const kept = ada.visitor.cookie
      assert.ok(kept)

      const victim = new ConsoleVisitor(gateway, freshAddress())
      assert.equal((await victim.post('ssoFinish', { query })).json.key, 'sso_failed', 'without the cookie')
      const mallory = colleague({ groups: ['lobby-owners'] })
      const own = await mallory.answer()
      assert.equal((await ada.finish(own)).json.key, 'sso_failed', "another's whole answer")
      ada.visitor.cookie = kept
      const mixed = new URLSearchParams(query)
      mixed.set('code', new URLSearchParams(await mallory.answer()).get('code') ?? '')
      assert.equal((await ada.finish(`?${mixed}`)).json.key, 'sso_failed', "another's code under the right state: PKCE and nonce")
      for (const change of [
        (one: URLSearchParams) => one.delete('state'),
        (one: URLSearchParams) => one.append('state', one.get('state') ?? ''),
        (one: URLSearchParams) => one.set('state', 'x'.repeat(43)),
        (one: URLSearchParams) => one.delete('code'),
        (one: URLSearchParams) => one.append('code', 'other'),
        (one: URLSearchParams) => one.set('iss', 'https://evil.example'),
        (one: URLSearchParams) => one.delete('iss'),
        (one: URLSearchParams) => one.set('error', 'access_denied'),
      ]) {
        ada.visitor.cookie = kept
        const changed = new URLSearchParams(await ada.answer())
        change(changed)
        Object.assign(ada.visitor, { address: freshAddress() })
        assert.equal((await ada.finish(`?${changed}`)).json.key, 'sso_failed', `${changed}`)
      }
      for (const broken of ['', 'console-sso=', `${kept.slice(0, -4)}AAAA`, `${kept}; ${kept}`]) {
        Object.assign(ada.visitor, { cookie: broken === '' ? null : broken, address: freshAddress() })
        assert.equal((await ada.finish(query)).json.key, 'sso_failed', broken.slice(0, 30))
      }

      const good = await ada.answer()
      const before = ada.visitor.cookie
      gateway.clock.advance(600_000)
      assert.equal((await ada.finish(good)).json.key, 'sso_failed', 'too late')
      assert.equal((await ada.account()).json.key, 'not_signed_in')
      gateway.clock.advance(-600_000)
      const racers = Array.from({ length: 20 }, (_one, at) =>
        Object.assign(new ConsoleVisitor(at % 2 === 0 ? gateway : node), { cookie: before }),
      )
      const raced = await Promise.all(racers.map((one) => one.post('ssoFinish', { query: good })))
      assert.ok(raced.filter(({ status }) => status === 200).length <= 1, 'at most one of twenty')
      ada.visitor.cookie = before
      assert.notEqual((await ada.finish(good)).status, 200, 'a replay')
      assert.equal((await events('operator.signed_in')).filter(({ details }) => details?.method === 'sso' && details.replayed).length, 0)
    })

    test("ID tokens that are not the provider's word for this sign-in are refused", async () => {
      const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      const now = Math.floor(Date.now() / 1_000)
      const forgeries: Record<string, (claims: JWTPayload) => Promise<string> | string> = {
        'another issuer': (claims) => provider.sign({ ...claims, iss: 'https://evil.example' }),
        'another audience': (claims) => provider.sign({ ...claims, aud: 'other' }),
        'several audiences, issued to another': (claims) => provider.sign({ ...claims, aud: ['lobbykey', 'other'], azp: 'other' }),
        'another nonce': (claims) => provider.sign({ ...claims, nonce: 'n'.repeat(43) }),
        'no nonce': ({ nonce: _nonce, ...claims }) => provider.sign(claims),
        expired: (claims) => provider.sign({ ...claims, iat: now - 7_200, exp: now - 3_600 }),
        'no expiry': ({ exp: _exp, ...claims }) => provider.sign(claims),
        'not yet valid': (claims) => provider.sign({ ...claims, nbf: now + 3_600 }),
        'no subject': ({ sub: _sub, ...claims }) => provider.sign(claims),
        'an unusable subject': (claims) => provider.sign({ ...claims, sub: 'line\nbreak' }),
        'another key': (claims) => provider.sign(claims, { key: foreign }),
        'an unknown key': (claims) => provider.sign(claims, { key: foreign, kid: 'k2' }),
        'HMAC by the public key': (claims) =>
          provider.sign(claims, {
            alg: 'HS256',
            key: createSecretKey(Buffer.from(provider.publicKey.export({ type: 'spki', format: 'pem' }) as string)),
          }),
        'HMAC by the client secret': (claims) =>
          provider.sign(claims, { alg: 'HS256', key: createSecretKey(Buffer.from('a secret of the provider'.padEnd(32))) }),
        'alg none': (claims) => `${unsigned({ alg: 'none' })}.${unsigned(claims)}.`,
        'a changed claim under an old signature': async (claims) => {
          const [head, , signature] = (await provider.sign(claims)).split('.')
          return `${head}.${unsigned({ ...claims, groups: ['lobby-owners'] })}.${signature}`
        },
        'no JWT': () => 'nonsense',
      }
      for (const [name, forge] of Object.entries(forgeries)) {
        const ada = colleague({ groups: ['lobby-support'] })
        const query = await ada.answer()
        provider.forge = forge
        const { status, json } = await ada.finish(query)
        provider.forge = null
        assert.deepEqual([status, json.key], [401, 'sso_failed'], name)
        assert.equal(await gateway.store.operators.findByEmail(`${ada.subject}@example.com`), null, name)
        gateway.clock.advance(2_000)
      }
      const ada = colleague({ groups: ['lobby-support'] })
      const query = await ada.answer()
      provider.forge = (claims) => provider.sign(claims)
      assert.equal((await ada.finish(query)).status, 200, 'the same, unchanged')
      provider.forge = null
    })

    test('UserInfo of another subject is refused, and so are an answer too large and a redirect', async () => {
      const attempts: Record<string, (path: string, body: string) => string> = {
        'another subject': (path, body) => (path === '/me' ? body.replace(/"sub":"[^"]+"/, '"sub":"other"') : body),
        'half a megabyte': (path, body) => (path === '/me' ? JSON.stringify({ ...JSON.parse(body), more: 'x'.repeat(512 * 1024) }) : body),
      }
      for (const [name, tamper] of Object.entries(attempts)) {
        const ada = colleague({ groups: ['lobby-support'] })
        const query = await ada.answer()
        provider.tamper = tamper
        assert.ok([401, 503].includes((await ada.finish(query)).status), name)
        provider.tamper = null
        assert.equal((await ada.account()).status, 401)
      }
    })

    test("a start stores nothing, reads the metadata once, and takes no page but the console's to continue to", async () => {
      const before = provider.requests.length
      const rows = await countRows(gateway)
      const visitors = Array.from({ length: 30 }, () => new ConsoleVisitor(gateway))
      for (const { status } of await Promise.all(visitors.map((one) => one.post('ssoStart', { purpose: 'sign-in' }))))
        assert.equal(status, 200)
      assert.equal(provider.requests.length, before)
      assert.deepEqual(await countRows(gateway), rows)
      const visitor = new ConsoleVisitor(gateway)
      for (const to of [
        'https://evil.example',
        '//evil.example',
        '/console@evil.example',
        '/consoleX',
        '/console/\\evil',
        'javascript:alert(1)',
        '/console\n',
      ]) {
        const { status, json } = await visitor.post('ssoStart', { purpose: 'sign-in', to })
        if (to.startsWith('/console/')) assert.equal(new URL(to, adminUrl).origin, adminUrl)
        else assert.deepEqual([status, json.field], [400, 'to'], to)
      }
      for (const headers of [
        { origin: 'https://evil.example' },
        { 'x-lobbykey-console': '' },
        { 'sec-fetch-site': 'cross-site' },
      ] as Record<string, string>[]) {
        assert.equal((await visitor.post('ssoStart', { purpose: 'sign-in' }, headers)).json.key, 'foreign_origin')
        assert.equal((await visitor.post('ssoFinish', { query: '?code=x&state=y' }, headers)).json.key, 'foreign_origin')
      }
      const { json } = await visitor.post(
        'ssoStart',
        { purpose: 'sign-in' },
        { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
      )
      const url = json.url === undefined ? null : new URL(json.url)
      assert.ok(url === null || url.searchParams.get('redirect_uri') === `${adminUrl}/sign-in/sso`, 'from ADMIN_URL only')
      const { json: good } = await new ConsoleVisitor(gateway).post('ssoStart', { purpose: 'sign-in', to: '/console/members?q=a' })
      const query = new URL(good.url).searchParams
      assert.deepEqual(
        [query.get('response_type'), query.get('code_challenge_method'), query.get('redirect_uri'), query.get('scope')],
        ['code', 'S256', `${adminUrl}/sign-in/sso`, 'openid email profile'],
      )
      for (const purpose of ['check', 'confirm', 'link']) {
        assert.equal((await new ConsoleVisitor(gateway).post('ssoStart', { purpose })).json.key, 'not_signed_in')
      }
    })

    test('an account with single sign-on has no other way in: its passkeys only confirm, its role is not changed here, a reset makes it local', async () => {
      const ada = colleague({ groups: ['lobby-support'] })
      const { json } = await ada.signIn()
      const { operatorId } = json
      const { visitor: owner } = await enrol(gateway, 'owner')
      const { headers } = await owner.call('GET', `/operators/${operatorId}`)
      const changed = await owner.call('PATCH', `/operators/${operatorId}`, { role: 'owner' }, { 'if-match': String(headers.etag) })
      assert.deepEqual([changed.status, changed.json.key], [409, 'conflict'])
      const named = await owner.call('PATCH', `/operators/${operatorId}`, { name: 'Ada' }, { 'if-match': String(headers.etag) })
      assert.deepEqual([named.status, named.json.name, named.json.signsInBy], [200, 'Ada', 'sso'])
      assert.ok((await ada.visitor.post('newPasskeyOptions', {})).json.options, 'a first passkey, within five minutes')
      gateway.clock.advance(300_000)
      assert.equal((await ada.visitor.post('newPasskeyOptions', {})).json.key, 'confirmation_required')
      assert.equal((await ada.visitor.call('POST', '/tokens', { name: 'ci' })).json.key, 'confirmation_required')
      assert.equal((await ada.visitor.post('ssoStart', { purpose: 'confirm' })).json.key, 'conflict', 'the provider is not trusted for it')

      const { visitor: other } = await enrol(gateway, 'owner')
      const reset = await other.call('POST', `/operators/${operatorId}/reset`, {})
      const [event] = await events('invitation.added', reset.json.invitationId)
      assert.equal(event?.details?.endsSso, true)
      assert.equal((await ada.account()).status, 200, 'nothing changes before the link is used')
      const link = new URL(reset.json.link).hash.slice(1)
      const visitor = new ConsoleVisitor(gateway)
      const { json: shown } = await visitor.post('invitation', { link })
      const accepted = await visitor.post('acceptWithPassword', { link, password, code: codeOf(gateway, shown.totp.secret) })
      assert.equal(accepted.status, 200)
      assert.equal((await gateway.store.operators.find(operatorId))?.sso, null)
      assert.equal((await ada.signIn()).json.key, 'sso_email_taken')
    })

    test('sessions are listed, ended and signed out of like others, and the sign-in page has the button', async () => {
      const ada = colleague({ groups: ['lobby-support'] })
      await ada.signIn()
      const first = ada.visitor.cookie
      gateway.clock.advance(1)
      await ada.signIn()
      const { json } = await ada.visitor.call('GET', '/console-sessions')
      assert.deepEqual(
        json.items.map((one: { method: string; isCurrent: boolean }) => [one.method, one.isCurrent]),
        [
          ['sso', true],
          ['sso', false],
        ],
      )
      assert.equal((await ada.visitor.call('POST', '/console-sessions/end-others', {})).json.ended, 1)
      const old = Object.assign(new ConsoleVisitor(gateway), { cookie: first })
      assert.equal((await old.call('GET', '/account')).status, 401)
      assert.equal((await ada.visitor.post('signOut', {})).status, 200)
      assert.equal((await ada.account()).status, 401)
      for (const [language, text] of [
        ['en', 'Sign in with Example Login'],
        ['de-AT,de', 'Anmelden mit Example Login'],
        ['zh-CN', '使用 Example Login 登录'],
      ] as const) {
        const page = await gateway.admin.inject({ url: '/sign-in/sso?code=secret&state=x', headers: { 'accept-language': language } })
        assert.equal(page.statusCode, 200)
        assert.ok(page.body.includes(text) && !page.body.includes('secret&'), language)
      }
    })
  })
}

test('where the provider is trusted, signing in there again confirms, and nothing older does; ADMIN_ALLOW and the last owner hold', async () => {
  const provider = await TestProvider.start(adminUrl)
  const sso = provider.settings({ ssoConfirm: 'provider' })
  const gateway = await startTestGateway({ settings: { adminPort: 8081, adminUrl, adminAllow: ['10.1.0.0/16'], ...sso } })
  try {
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.hearChanges()
    const ada = new Colleague(provider, gateway, { groups: ['lobby-managers'] })
    const first = await ada.signIn()
    assert.equal(first.json.confirmedUntil, null, 'no auth_time, no confirmation')
    assert.equal((await ada.account()).json.sso.canConfirm, true)
    const makeToken = () => ada.visitor.call('POST', '/tokens', { name: 'ci' })
    assert.equal((await makeToken()).json.key, 'confirmation_required')
    provider.forge = (claims) => provider.sign({ ...claims, auth_time: Number(claims.auth_time) - 120 })
    assert.equal((await ada.signIn('confirm')).json.key, 'sso_failed', 'a sign-in from before')
    provider.forge = ({ auth_time: _time, ...claims }) => provider.sign(claims)
    assert.equal((await ada.signIn('confirm')).json.key, 'sso_failed', 'no time')
    provider.forge = null
    assert.equal((await makeToken()).json.key, 'confirmation_required')
    const other = new Colleague(provider, gateway, { groups: ['lobby-owners'] })
    const { search } = await other.atProvider.visit(await ada.start('confirm'))
    assert.equal((await ada.finish(search)).json.key, 'sso_other_account')
    const confirmed = await ada.signIn('confirm')
    assert.deepEqual([confirmed.status, confirmed.json.sessionId], [200, first.json.sessionId], JSON.stringify(confirmed.json))
    assert.notEqual(confirmed.json.confirmedUntil, null)
    assert.equal((await makeToken()).status, 201)
    const [event] = await gateway.store.events.list({ kind: 'operator.confirmed', limit: 1 })
    assert.deepEqual([event?.actor, event?.details?.by], [`operator:${first.json.operatorId}`, 'sso'])

    const abroad = new Colleague(provider, gateway, { groups: ['lobby-support'] })
    Object.assign(abroad.visitor, { address: '192.0.2.1' })
    assert.equal((await abroad.signIn()).json.key, 'operator_address_refused')
    const partner = new Colleague(provider, gateway, { groups: ['lobby-partners'], merchants: ['agent001'] })
    Object.assign(partner.visitor, { address: '192.0.2.1' })
    assert.equal((await partner.signIn()).status, 200, 'partners may from anywhere')

    // An owner of the provider's is no last owner: the local one cannot go, and the other may lose the role.
    assert.equal((await other.signIn()).json.role, 'owner')
    const invited = await invite(gateway, 'owner')
    const local = new ConsoleVisitor(gateway, '10.1.200.1')
    const { json: shown } = await local.post('invitation', { link: invited.link })
    const accepted = await local.post('acceptWithPassword', { link: invited.link, password, code: codeOf(gateway, shown.totp.secret) })
    const disabled = await local.call('POST', `/operators/${accepted.json.operatorId}/disable`, {})
    assert.deepEqual([disabled.status, disabled.json.key], [409, 'conflict'])
    const linker = new Colleague(provider, gateway, { groups: ['lobby-owners'] })
    Object.assign(linker.visitor, { cookie: local.cookie })
    assert.equal((await linker.signIn('link')).json.key, 'conflict', 'nor be linked')
    other.is({ groups: ['lobby-support'] })
    gateway.clock.advance(15 * 60_000)
    assert.equal((await other.account()).json.role, 'support')
  } finally {
    await gateway.close()
    await provider.close()
  }
})

test('no secret, code or token is in the log, whatever goes wrong with the provider', async () => {
  const provider = await TestProvider.start(adminUrl)
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const gateway = await startTestGateway({ settings: { adminPort: 8081, adminUrl, logLevel: 'trace', ...provider.settings() }, logger })
  try {
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.hearChanges()
    const secrets = ['a secret of the provider', Buffer.from('lobbykey:a').toString('base64').slice(0, 12)]
    const attempts: (() => void)[] = [
      () => {},
      () => (provider.forge = () => 'nonsense'),
      () => (provider.forge = (claims) => provider.sign({ ...claims, iss: 'https://evil.example' })),
      () => (provider.tamper = (_path, body) => body.replace('"token_type":"Bearer"', '"token_type":7')),
      () => (provider.tamper = (_path, body) => body.replace('"sub":', '"other":')),
      () => (provider.state = 'broken'),
    ]
    for (const attempt of attempts) {
      const ada = new Colleague(provider, gateway, { groups: ['lobby-support'] })
      const query = await ada.answer()
      const seen = provider.tamper
      attempt()
      const change = provider.tamper ?? ((_path, body) => body)
      provider.tamper = (path, body) => {
        for (const name of ['access_token', 'refresh_token', 'id_token'])
          secrets.push(...(JSON.parse(body)[name] === undefined ? [] : [JSON.parse(body)[name]]))
        return change(path, body)
      }
      secrets.push(new URLSearchParams(query).get('code') ?? '', new URLSearchParams(query).get('state') ?? '')
      await gateway.admin.inject({ url: `/sign-in/sso${query}` })
      await ada.finish(query)
      // Reports of the same kind are at most one a minute.
      gateway.clock.advance(60_000)
      await ada.account()
      Object.assign(provider, { forge: null, tamper: seen, state: 'up' })
    }
    const log = lines.join('\n')
    assert.match(log, /single sign-on failed/)
    assert.ok(secrets.length > 20)
    assert.deepEqual(
      secrets.filter((secret) => secret !== 'nonsense' && log.includes(secret)),
      [],
    )
  } finally {
    await gateway.close()
    await provider.close()
  }
})

test('an account whose provider is not set up any more is let in by nobody, and doctor tells what is wrong with a provider', async () => {
  const provider = await TestProvider.start(adminUrl)
  const gateway = await startTestGateway({ settings: { adminPort: 8081, adminUrl, ...provider.settings() } })
  try {
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.hearChanges()
    const ada = new Colleague(provider, gateway, { groups: ['lobby-support'] })
    await ada.signIn()
    Object.assign(gateway.settings, { ssoIssuer: null })
    await gateway.restart()
    assert.equal((await ada.account()).json.key, 'sso_check_due')
    assert.equal((await ada.visitor.post('ssoStart', { purpose: 'sign-in' })).status, 404)
    assert.equal((await ada.visitor.post('signOut', {})).status, 200)

    const settings = { ...gateway.settings, ...provider.settings() }
    const clock = new ManualClock(Date.now())
    assert.equal(await findSsoTrouble(settings, clock), null)
    clock.advance(60_000)
    assert.match((await findSsoTrouble(settings, clock)) ?? '', /clock is (59|60|61) s ahead of the clock of http/)
    clock.advance(-60_000)
    for (const state of ['gone', 'broken'] as const) {
      provider.state = state
      assert.match(
        (await findSsoTrouble(settings, clock)) ?? '',
        /^the provider of single sign-on, http.*: operators cannot sign in by it; .* NODE_EXTRA_CA_CERTS$/,
      )
    }
    provider.state = 'up'
    provider.tamper = (_path, body) => body.replace(`"issuer":"${provider.issuer}"`, '"issuer":"https://evil.example"')
    assert.match((await findSsoTrouble(settings, clock)) ?? '', /metadata give the issuer as https:\/\/evil\.example/)
    provider.tamper = (_path, body) => body.replace(`${provider.issuer}/token`, 'ftp://evil.example/token')
    assert.match((await findSsoTrouble(settings, clock)) ?? '', /not an https URL/)
  } finally {
    await gateway.close()
    await provider.close()
  }
})

function unsigned(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** What a stranger could have made this server store. */
async function countRows({ store }: TestGateway) {
  const operators = await store.operators.list({ limit: 200 })
  const events = await store.events.list({ limit: 1_000 })
  return [operators.length, events.length]
}
