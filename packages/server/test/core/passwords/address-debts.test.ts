import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressDebts } from '../../../src/core/passwords/address-debts.ts'

test('debts add up to the maximum, and decay', () => {
  const debts = new AddressDebts({ debtMsMax: 60_000 })
  assert.equal(debts.debtMs('a', 0), 0)
  for (let n = 1; n <= 60; n++) {
    debts.note('a', 1_000, 0)
    assert.equal(debts.debtMs('a', 0), n * 1_000)
  }
  debts.note('a', 1_000, 0)
  assert.deepEqual([debts.debtMs('a', 0), debts.debtMs('a', 59_999), debts.debtMs('a', 60_000)], [60_000, 1, 0])
  // A clock that was set back delays nobody longer.
  assert.equal(debts.debtMs('a', -3_600_000), 60_000)
  assert.equal(debts.debtMs('b', 0), 0)
})

test('[check 39] memory is bounded: the least recently noted addresses are evicted first', () => {
  const debts = new AddressDebts({ debtMsMax: 60_000, keysMax: 100 })
  debts.note('kept', 1_000, 0)
  for (let n = 0; n < 1_000; n++) {
    debts.note(`address ${n}`, 1_000, 0)
    debts.note('kept', 1_000, 0)
  }
  assert.equal(debts.debtMs('kept', 0), 60_000)
  assert.equal(debts.debtMs('address 0', 0), 0)
  assert.equal([...Array(1_000).keys()].filter((n) => debts.debtMs(`address ${n}`, 0) > 0).length, 99)
})
