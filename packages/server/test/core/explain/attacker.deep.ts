import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack, games } from './attacker.ts'

for (const [name, game] of Object.entries(games)) {
  test(`[check 92] a thousand questions from each number of known characters of ${name} gain nothing`, () => {
    const most = game.length - 2
    for (const known of new Set([4, 8, Math.floor(game.length / 2), game.length - 4, most])) {
      assert.equal(attack(game, known, 1_000).believed, game.secret.slice(0, known), `${known} known`)
    }
  })
}
