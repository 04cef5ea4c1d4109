import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnheardGuesses } from '../../../src/core/passwords/unheard-guesses.ts'

test('debts add up to the most there is, and run off', () => {
  const guesses = new UnheardGuesses({ debtMsMax: 60_000 })
  assert.equal(guesses.debtMs('a', 0), 0)
  for (let n = 1; n <= 60; n++) {
    guesses.note('a', 1_000, 0)
    assert.equal(guesses.debtMs('a', 0), n * 1_000)
  }
  guesses.note('a', 1_000, 0)
  assert.deepEqual([guesses.debtMs('a', 0), guesses.debtMs('a', 59_999), guesses.debtMs('a', 60_000)], [60_000, 1, 0])
  // A clock that was set back holds nobody longer.
  assert.equal(guesses.debtMs('a', -3_600_000), 60_000)
  assert.equal(guesses.debtMs('b', 0), 0)
})

test('[check 39] memory is bounded: addresses noted least recently leave first', () => {
  const guesses = new UnheardGuesses({ debtMsMax: 60_000, keysMax: 100 })
  guesses.note('kept', 1_000, 0)
  for (let n = 0; n < 1_000; n++) {
    guesses.note(`address ${n}`, 1_000, 0)
    guesses.note('kept', 1_000, 0)
  }
  assert.equal(guesses.debtMs('kept', 0), 60_000)
  assert.equal(guesses.debtMs('address 0', 0), 0)
  assert.equal([...Array(1_000).keys()].filter((n) => guesses.debtMs(`address ${n}`, 0) > 0).length, 99)
})
