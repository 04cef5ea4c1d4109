import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack, games } from './attacker.ts'

for (const [name, game] of Object.entries(games)) {
  test(`[check 92] with some of ${name} known, questions gain nothing of the rest`, () => {
    // Nearly all of it: a part is never confirmed, however large.
    const known = game.length - 3
    const { believed, asked } = attack(game, known, 1_000, 3)
    assert.equal(believed, game.secret.slice(0, known))
    assert.ok(asked >= 3 * game.moves.length)
  })
}

test('the attacker uses a confirmed part: against an oracle that confirms parts, it finds the rest', () => {
  const secret = 'cafe0123456789ab'
  const ask = ({ sign }: { sign: string }) => String(secret.startsWith(sign))
  const game = { alphabet: '0123456789abcdef', length: 16, moves: [(sign: string) => ({ sign })], secret, ask }
  assert.equal(attack(game, 4, 1_000).believed, secret)
})
