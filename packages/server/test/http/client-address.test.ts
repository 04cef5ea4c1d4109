import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AddressList } from '../../src/core/base/address-list.ts'
import { clientBehindProxies } from '../../src/http/client-address.ts'

const trusted = new AddressList(['10.0.0.0/8', '::1'])
const client = (peer: string, header: string) => clientBehindProxies(peer, header, trusted)

test('[check 54] an untrusted peer is the client, whatever it claims', () => {
  assert.equal(client('203.0.113.9', '192.0.2.1'), '203.0.113.9')
})

test('[check 54] right to left, over trusted proxies only', () => {
  assert.equal(client('10.0.0.1', '192.0.2.1'), '192.0.2.1')
  assert.equal(client('10.0.0.1', '1.1.1.1, 192.0.2.1'), '192.0.2.1')
  assert.equal(client('10.0.0.1', '192.0.2.1, 10.0.0.2'), '192.0.2.1')
  assert.equal(client('::1', '2001:db8::1'), '2001:db8::1')
  assert.equal(client('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3')
})

test('[check 54] ports, brackets and mapped addresses are read; an invalid entry ends the walk', () => {
  assert.equal(client('10.0.0.1', '192.0.2.1:5555'), '192.0.2.1')
  assert.equal(client('10.0.0.1', '[2001:db8::1]:5555'), '2001:db8::1')
  assert.equal(client('10.0.0.1', '::ffff:192.0.2.1'), '192.0.2.1')
  for (const garbage of ['unknown', '_hidden', '', 'a.b.c.d', 'fe80::1%eth0', '192.0.2.1;for=x', '[192.0.2.1']) {
    assert.equal(client('10.0.0.1', `192.0.2.1, ${garbage}`), '10.0.0.1', garbage)
  }
})

test('[check 54] entries left of the real client change nothing', () => {
  const entry = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 }), fc.constantFrom('unknown', '127.0.0.1', '10.0.0.9', '::1', ''))
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (spoofed) => {
      assert.equal(client('10.0.0.1', [...spoofed, '192.0.2.1', '10.0.0.2'].join(',')), '192.0.2.1')
    }),
    { numRuns: 10_000 },
  )
})
