import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack, games } from './attacker.ts'

for (const [name, game] of Object.entries(games)) {
  test(`[check 92] a thousand questions from few, half and nearly all known characters of ${name} gain nothing`, () => {
    // Few, half and nearly all: some 25 ms of processor time per question, so four minutes for the three games.
    for (const known of [4, Math.floor(game.length / 2), game.length - 2]) {
      assert.equal(attack(game, known, 1_000).believed, game.secret.slice(0, known), `${known} known`)
    }
  })
}
