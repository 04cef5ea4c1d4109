import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import { AddressList, isCovered, parseBlock } from '../../../src/core/base/address-list.ts'
import { addressKey, normalizeAddress } from '../../../src/core/base/network-address.ts'

const has = (entries: readonly string[], address: string) => {
  const normalized = normalizeAddress(address)
  return normalized !== null && new AddressList(entries).has(normalized)
}

test('[check 35] an empty list matches nobody', () => {
  assert.equal(has([], '127.0.0.1'), false)
})

test('[check 35] addresses and CIDR blocks of both families', () => {
  assert.equal(has(['192.0.2.7'], '192.0.2.7'), true)
  assert.equal(has(['192.0.2.7'], '192.0.2.8'), false)
  assert.equal(has(['10.0.0.0/8'], '10.255.255.255'), true)
  assert.equal(has(['10.0.0.0/8'], '11.0.0.0'), false)
  assert.equal(has(['2001:db8::/32'], '2001:db8:ffff::1'), true)
  assert.equal(has(['2001:db8::/32'], '2001:db9::1'), false)
  assert.equal(has(['2001:db8::7'], '2001:db8::7'), true)
  assert.equal(has(['2001:db8::7'], '2001:db8::8'), false)
  assert.equal(has(['2001:db8::/64'], '2001:db8::ffff'), true)
  assert.equal(has(['2001:db8::/64'], '2001:db8:0:1::'), false)
  assert.equal(has(['0.0.0.0/0'], '::1'), false)
})

test('[check 35] an IPv4-mapped address is the IPv4 address, in either notation and on either side', () => {
  for (const spelling of ['::ffff:192.0.2.7', '::FFFF:192.0.2.7', '::ffff:c000:207', '0:0:0:0:0:ffff:c000:0207']) {
    assert.equal(normalizeAddress(spelling), '192.0.2.7')
    assert.equal(has([spelling], '192.0.2.7'), true)
  }
  assert.equal(has(['::ffff:10.0.0.0/104'], '10.9.9.9'), true)
  assert.equal(has(['::ffff:10.0.0.0/104'], '11.9.9.9'), false)
})

test('[check 35] an IPv6 address is in lower case', () => {
  assert.equal(normalizeAddress('2001:DB8::A'), '2001:db8::a')
})

test('[check 35] look-alikes are not the IPv4 address', () => {
  for (const spelling of [
    '::192.0.2.7',
    '1::ffff:192.0.2.7',
    '1:0:0:0:0:ffff:c000:207',
    '64:ff9b::192.0.2.7',
    '::ffff:0:192.0.2.7',
    '2002:c000:207::',
  ])
    assert.equal(has(['192.0.2.7'], spelling), false)
  for (const spelling of [
    'fe80::1%eth0',
    '192.0.2.07',
    '0300.0.2.7',
    '192.0.2',
    '3221225991',
    '0xc0000207',
    '',
    ' 192.0.2.7',
    '192.0.2.7 ',
  ]) {
    assert.equal(normalizeAddress(spelling), null, spelling)
  }
})

test('an entry that is not an address or block is refused', () => {
  for (const entry of [
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '::/129',
    '::ffff:10.0.0.0/95',
    '10.0.0.0/8/8',
    ' 10.0.0.0/8',
    'x10.0.0.1',
    '10.0.0.0/8x',
    'fe80::1%eth0',
  ]) {
    assert.equal(parseBlock(entry), null, entry)
    assert.throws(() => new AddressList([entry]), { name: 'RangeError', message: `${entry} is not an IP address or CIDR block` })
  }
})

test('an address is looked up once while it is cached; of a thousand others, none is evicted early', (t) => {
  const check = t.mock.method(BlockList.prototype, 'check')
  const list = new AddressList(['10.0.0.0/8'])
  const ask = (n: number) => assert.equal(list.has(`10.0.${n >> 8}.${n & 255}`), true)
  for (let n = 0; n < 1_000; n++) ask(n)
  for (let n = 0; n < 1_000; n++) ask(n)
  assert.equal(check.mock.callCount(), 1_000)
  // One more than the maximum evicts all.
  ask(1_000)
  ask(0)
  assert.equal(check.mock.callCount(), 1_002)
  ask(0)
  assert.equal(check.mock.callCount(), 1_002)
})

test('[check 39] a limit counts an IPv6 customer by the /64', () => {
  assert.equal(addressKey('2001:db8:1:2:3:4:5:6'), addressKey('2001:db8:1:2::9'))
  assert.notEqual(addressKey('2001:db8:1:2::9'), addressKey('2001:db8:1:3::9'))
  assert.equal(addressKey('192.0.2.7'), '192.0.2.7')
})

test('a block is covered by an equal or larger one of its family', () => {
  const blocks = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']
  for (const entry of ['10.0.0.0/8', '10.1.0.0/16', '10.255.255.255', '192.0.2.7', '::ffff:192.0.2.7', '2001:db8:7::/48', '2001:db8::1']) {
    assert.equal(isCovered(entry, blocks), true, entry)
  }
  for (const entry of [
    '10.0.0.0/7',
    '0.0.0.0/0',
    '11.0.0.0/8',
    '192.0.2.0/24',
    '192.0.2.8',
    '2001:db8::/31',
    '::/0',
    '2001:db9::1',
    'example',
  ]) {
    assert.equal(isCovered(entry, blocks), false, entry)
  }
  assert.equal(isCovered('10.0.0.1', []), false)
  assert.equal(isCovered('10.0.0.1', ['not a block']), false)
})
