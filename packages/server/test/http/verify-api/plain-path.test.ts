import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPlainPath } from '../../../src/http/verify-api/plain-path.ts'

test('[check 58] plain paths pass, whatever their characters', () => {
  for (const path of [
    '/',
    '/orders',
    '/orders/',
    '/orders/7',
    '/a.b/..c/c../.d',
    '/...',
    '/a;b=c/d',
    '/%C3%A9t%C3%A9',
    '/100%25',
    '/a%20b',
    '/a%2Bb',
    "/-._~!$&'()*+,;=:@|[x]",
    `/${'a'.repeat(8_000)}`,
  ]) {
    assert.equal(isPlainPath(path), true, path.slice(0, 40))
  }
})

test('[check 58] paths that some servers read differently do not', () => {
  for (const path of [
    '',
    'orders',
    '*',
    'http://evil.example/',
    '//evil.example',
    '/a//b',
    '/.',
    '/..',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/a/..;/b',
    '/a/.;x/b',
    '/a/;/b',
    '/%2e%2e/b',
    '/a/%2E/b',
    '/a/.%2e/b',
    '/a/%2e%2e;/b',
    '/a/%252e%252e/b',
    '/a/%25252e%25252e/b',
    '/a%2fb',
    '/a%2Fb',
    '/a%252fb',
    '/a%5cb',
    '/a\\b',
    '/a%00',
    '/a%0d%0aX:1',
    '/a%250a',
    '/a%7f',
    '/a\u0000b',
    '/a b',
    '/a\tb',
    '/é',
    '/a#b',
    '/a?b',
    '/a"b',
    '/a<b>',
    '/a^b',
    '/a`b',
    '/a{b}',
    '/%',
    '/%2',
    '/%zz',
    '/%c0%ae%c0%ae/b',
    '/%ff',
    '/%2525252525',
  ]) {
    assert.equal(isPlainPath(path), false, path)
  }
})
