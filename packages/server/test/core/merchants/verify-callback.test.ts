import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFields, type GatewayError, memberLogin } from '@lobbykey/contract'
import { appLinkKey, verifyCallback } from '../../../src/core/merchants/verify-callback.ts'
import { hostileCallbacks } from '../../support/hostile-callbacks.ts'
import { loginBody } from '../../support/signed-body.ts'

const origins = ['https://home.example', 'http://127.0.0.1:8080', 'https://ported.example:8443']
const verifyFields = compileFields<{ callback: string }>(memberLogin.schema)

/** Both checks of a callback: the field's rule, then its origin. */
function accept(callback: string, allowLoopback = false): string {
  const { callback: held } = verifyFields({ ...loginBody(1_767_225_600_000, { callback }), sign: '0'.repeat(32) })
  return verifyCallback(held, origins, allowLoopback)
}

test("a callback of a listed origin is kept in the parser's spelling", () => {
  assert.equal(accept('https://home.example/a?b=1&c=2#d'), 'https://home.example/a?b=1&c=2#d')
  assert.equal(accept('https://HOME.example'), 'https://home.example/')
  assert.equal(accept('https://home.example:443/x'), 'https://home.example/x')
  assert.equal(accept('https://ported.example:8443/x'), 'https://ported.example:8443/x')
})

test('http only on loopback, and only where allowed', () => {
  assert.equal(accept('http://127.0.0.1:8080/merchant-home', true), 'http://127.0.0.1:8080/merchant-home')
  assert.throws(() => accept('http://127.0.0.1:8080/merchant-home'))
})

const hostile = hostileCallbacks('home.example')

test('[check 34] 40 hostile callbacks and more: none gets past the list', () => {
  assert.ok(hostile.length >= 40)
  for (const callback of hostile) {
    assert.throws(
      () => accept(callback, true),
      (error: GatewayError) => error.key === 'invalid_parameter' && error.details.field === 'callback',
      callback,
    )
  }
})

test('[check 34] an app link passes where the list names its scheme, host and path, and in no other way', () => {
  const listed = ['myapp://done', 'myapp://room/back', 'https://home.example']
  const accept = (callback: string) => verifyCallback(callback, listed, false)
  assert.equal(accept('myapp://done'), 'myapp://done')
  assert.equal(accept('MyApp://done?result=1#x'), 'myapp://done?result=1#x')
  assert.equal(accept('myapp://room/back?a=b'), 'myapp://room/back?a=b')
  assert.equal(accept('myapp://room/x/../back'), 'myapp://room/back')
  for (const callback of [
    'otherapp://done',
    'myapp://done/more',
    'myapp://done:1',
    'myapp://user@done',
    'myapp://DONE',
    'myapp://room/back/',
    'myapp://room/back/../x',
    'myapp:done',
    'myapp:///done',
    'myapp://',
    'null',
  ]) {
    assert.throws(
      () => accept(callback),
      (error: GatewayError) => error.details.field === 'callback',
      callback,
    )
  }
})

test('[check 34] a scheme that runs or reads files is never an app link, in any spelling', () => {
  const schemes = [
    'javascript data file intent blob vbscript filesystem about ftp wss content view-source livescript feed mhtml resource jar cid',
    'chrome chrome-extension chrome-untrusted devtools edge microsoft-edge googlechrome moz-extension safari-web-extension x-safari-https',
    'search search-ms ms-msdt ms-officecmd ms-appinstaller ms-settings ms-word ms-help res mk its hcp shell nntp disk afp applescript',
    'smb ldap ssh telnet vnd.ms.radio ie.http android-app market itms-services itms-apps itmss app-settings shortcuts x-apple-helpbasic',
    'x-apple.systempreferences tel sms mailto facetime web+gateway',
  ]
    .join(' ')
    .split(' ')
  for (const scheme of schemes) {
    for (const text of [`${scheme}://done`, `${scheme.toUpperCase()}://done/x`]) {
      assert.equal(appLinkKey(text), null, text)
      assert.throws(() => verifyCallback(text, [text, text.toLowerCase()], true))
    }
  }
  for (const scheme of ['myapp', 'com.example.lobby', 'msgame', 'mozart', 'edgegame', 'searcher', 'chromatic', 'webplus'])
    assert.equal(appLinkKey(`${scheme}://done`), `${scheme}://done`)
  for (const text of ['https://a.example', 'http://127.0.0.1', 'x://a b', 'x://a\\b', 'x://%61', 'x://a@b', 'x://*'])
    assert.equal(appLinkKey(text), null, text)
})
