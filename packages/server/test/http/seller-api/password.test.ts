import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { passwordBytesMax } from '@lobbykey/contract'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import {
  authPath,
  bearer,
  codeOf,
  envelopeOf,
  login,
  loginTokens,
  me,
  refresh,
  sellerAdmin,
  wrongPassword,
} from '../../support/seller-calls.ts'
import { testStores } from '../../support/stores.ts'

const first = 'sandbox-orchard-lantern'
const second = 'seven herons over the marsh'

for (const storeKind of testStores()) {
  describe(`passwords on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let sellers = 0
    before(async () => {
      gateway = await startTestGateway({ storeKind })
    })
    after(() => gateway.close())

    /** A separate seller for the test, with the first password. */
    const addSeller = async () => {
      const email = `seller${++sellers}@passwords.example`
      await (await sellerAdmin(gateway)).add(email, first)
      return email
    }
    const change = (accessToken: string, fields: object, address = '127.0.0.1') =>
      gateway.post(`${authPath}/password`, fields, { ...bearer(accessToken), address })
    const reset = (resetToken: string, newPassword: string) => gateway.post(`${authPath}/password/reset`, { resetToken, newPassword })
    const issue = async (email: string) => (await (await sellerAdmin(gateway)).issueResetToken(email)).token
    const eventsOf = async (email: string) => {
      await gateway.flushRefusals()
      const seller = await gateway.store.sellers.findByEmail(email)
      const about = { subject: seller?.id ?? '', limit: 100 }
      return [...(await gateway.store.events.list(about)), ...(await gateway.store.refusals.list(about))]
    }

    test('[check 9] a change ends every other login with its access token, and the calling one continues', async () => {
      const email = await addSeller()
      const mine = await loginTokens(gateway, { email, password: first })
      const others = [await loginTokens(gateway, { email, password: first }), await loginTokens(gateway, { email, password: first })]
      const answer = await change(mine.accessToken, { oldPassword: first, newPassword: second })
      assert.deepEqual([answer.status, envelopeOf(answer).code, envelopeOf(answer).data], [200, '0000', {}])
      for (const { refreshToken } of others) assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
      await gateway.hearChanges()
      for (const { accessToken } of others) assert.equal(codeOf(await me(gateway, accessToken)), '10010')
      assert.equal(codeOf(await me(gateway, mine.accessToken)), '0000')
      assert.equal(codeOf(await refresh(gateway, mine.refreshToken)), '0000')
      assert.equal(codeOf(await login(gateway, { email, password: first, address: '10.3.0.1' })), '10006')
      await loginTokens(gateway, { email, password: second })
      assert.equal((await eventsOf(email)).filter(({ kind }) => kind === 'seller.password_changed').length, 1)
    })

    test('[check 8] [check 9] a change needs the current password, whose tries count like logins', async () => {
      const email = await addSeller()
      const { accessToken } = await loginTokens(gateway, { email, password: first, address: '10.3.1.1' })
      for (let tries = 0; tries < 5; tries++) {
        assert.equal(codeOf(await change(accessToken, { oldPassword: wrongPassword, newPassword: second }, '10.3.1.2')), '10006')
      }
      const throttled = await change(accessToken, { oldPassword: first, newPassword: second }, '10.3.1.2')
      assert.deepEqual([throttled.status, codeOf(throttled), throttled.headers['retry-after']], [429, '10007', '1'])
      assert.equal(codeOf(await login(gateway, { email, password: first, address: '10.3.1.3' })), '10007')
      // The owner is not delayed at a known address.
      assert.equal(codeOf(await change(accessToken, { oldPassword: first, newPassword: second }, '10.3.1.1')), '0000')
      const reasons = (await eventsOf(email)).filter(({ kind }) => kind === 'seller.password_refused').map(({ details }) => details?.reason)
      assert.deepEqual([...new Set(reasons)].sort(), ['throttled', 'wrong-password'])
    })

    test('[check 2] [check 6] a new password is checked before the old one is tried, and the answer names the rule', async () => {
      const email = await addSeller()
      const { accessToken } = await loginTokens(gateway, { email, password: first })
      const token = await issue(email)
      const cases: [string, RegExp][] = [
        ['p'.repeat(14), /newPassword must have at least 15 characters$/],
        [`${second} ${'longer '.repeat(40)}`, /newPassword must have at most 256 characters$/],
        [`${second}\0`, /newPassword must be well-formed text without NUL$/],
        ['Password 1234567!', /newPassword must not be a common password, a sequence/],
        [email, /newPassword must not be .* made of little but those or of your name/],
        ['', /newPassword must be a string of 15 to 256 characters$|newPassword is required$/],
      ]
      for (const [newPassword, message] of cases) {
        const answers: Answer[] = [
          await change(accessToken, { oldPassword: wrongPassword, newPassword }, '10.3.2.1'),
          await reset(token, newPassword),
        ]
        for (const answer of answers) {
          assert.equal(codeOf(answer), '10005')
          assert.match(envelopeOf(answer).msg, message)
        }
      }
      for (const oldPassword of ['x'.repeat(passwordBytesMax + 1), 'nul\0']) {
        assert.equal(codeOf(await change(accessToken, { oldPassword, newPassword: second })), '10005')
      }
      // A token survives refused passwords.
      assert.equal(codeOf(await reset(token, second)), '0000')
    })

    test('[check 20] of two changes at once one takes effect', async () => {
      const email = await addSeller()
      const mine = await loginTokens(gateway, { email, password: first })
      const news = ['first of two new ones', 'other of two new ones']
      const answers = await Promise.all(news.map((newPassword) => change(mine.accessToken, { oldPassword: first, newPassword })))
      assert.deepEqual(answers.map(codeOf).sort(), ['0000', '10006'])
      const works = await Promise.all(news.map(async (password) => codeOf(await login(gateway, { email, password }))))
      assert.deepEqual(works, answers.map(codeOf))
    })

    test('a change without a valid token is refused before anything is tried', async () => {
      const email = await addSeller()
      const { accessToken } = await loginTokens(gateway, { email, password: first })
      assert.equal(codeOf(await gateway.post(`${authPath}/password`, { oldPassword: first, newPassword: second })), '10008')
      await (await sellerAdmin(gateway)).setStatus(email, 'disabled')
      await gateway.hearChanges()
      assert.equal(codeOf(await change(accessToken, { oldPassword: first, newPassword: second })), '10010')
    })

    test('[check 9] a reset ends every login, lifts the lock, and its token works once', async () => {
      const email = await addSeller()
      const { accessToken, refreshToken } = await loginTokens(gateway, { email, password: first, address: '10.3.3.1' })
      for (const address of ['10.3.3.1', '10.3.3.2']) {
        for (let tries = 0; tries < 5; tries++) await login(gateway, { email, password: wrongPassword, address })
        assert.equal(codeOf(await login(gateway, { email, password: first, address })), '10007')
      }
      const token = await issue(email)
      assert.ok(Buffer.from(token, 'base64url').length >= 16)
      const answer = await reset(token, second)
      assert.deepEqual([answer.status, envelopeOf(answer).data], [200, {}])
      assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
      await gateway.hearChanges()
      assert.equal(codeOf(await me(gateway, accessToken)), '10010')
      for (const address of ['10.3.3.1', '10.3.3.2']) await loginTokens(gateway, { email, password: second, address })
      const again = await reset(token, 'a third fine password')
      assert.deepEqual([again.status, codeOf(again), envelopeOf(again).msg], [401, '10013', 'Reset token is not valid'])
      const kinds = (await eventsOf(email)).map(({ kind }) => kind)
      for (const kind of ['seller.password_reset_issued', 'seller.password_reset']) assert.ok(kinds.includes(kind), kind)
    })

    test('[check 9] of twenty concurrent uses one takes effect, over two nodes', async (context) => {
      const email = await addSeller()
      const token = await issue(email)
      const other = await gateway.openSecondNode()
      context.after(() => other.close())
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? gateway : other).post(`${authPath}/password/reset`, {
            resetToken: token,
            newPassword: `the new one of try ${index} by itself`,
          }),
        ),
      )
      const codes = answers.map(codeOf)
      assert.equal(codes.filter((code) => code === '0000').length, 1, codes.join())
      // The lane may be full for some, who learn nothing either.
      for (const code of codes) assert.ok(['0000', '10013', '10012'].includes(code), code)
      const winner = codes.indexOf('0000')
      await loginTokens(gateway, { email, password: `the new one of try ${winner} by itself` })
    })

    test('[check 9] a token ends after an hour, with a newer one, and with a password set otherwise; the answers are alike', async () => {
      const email = await addSeller()
      const expired = await issue(email)
      gateway.clock.advance(3_599_999)
      assert.equal(codeOf(await reset(expired, 'too short')), '10005', 'good until the end')
      gateway.clock.advance(1)
      const replaced = await issue(email)
      const newest = await issue(email)
      const answers = [await reset(expired, second), await reset(replaced, second), await reset('unknown', second)]
      assert.equal(codeOf(await reset(newest, second)), '0000')
      const voided = await issue(email)
      const { accessToken } = await loginTokens(gateway, { email, password: second })
      assert.equal(codeOf(await change(accessToken, { oldPassword: second, newPassword: first })), '0000')
      answers.push(await reset(voided, second))
      const shapes = answers.map(({ status, headers, text }) => {
        const { date: _date, 'x-request-id': _id, ...rest } = headers
        return { status, headers: rest, text: text.replace(/"time":"[^"]+"/, '') }
      })
      for (const shape of shapes) assert.deepEqual(shape, shapes[0])
      assert.equal(codeOf(answers[0] as Answer), '10013')
    })

    test('[check 16] a reset token opens nothing else, and nothing else is a reset token', async () => {
      const email = await addSeller()
      const token = await issue(email)
      const { accessToken, refreshToken } = await loginTokens(gateway, { email, password: first })
      assert.equal(codeOf(await me(gateway, token)), '10008')
      assert.equal(codeOf(await refresh(gateway, token)), '10011')
      for (const other of [accessToken.slice(-128), refreshToken.slice(-128), `${token} `, `${token}=`, token.toLowerCase()]) {
        assert.equal(codeOf(await reset(other, second)), '10013')
      }
      assert.equal(codeOf(await reset(accessToken, second)), '10005')
    })
  })
}
