import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { memberLogin } from '@lobbykey/contract'
import { explainSignature } from '../../../src/core/explain/explain-signature.ts'
import type { Attempt } from '../../../src/core/explain/mistake.ts'
import { rightRecipe, textOf } from '../../../src/core/explain/recipe.ts'
import { families, lateFamilies } from '../../../src/core/explain/search.ts'

const key = 'ownKey0123456789'
const fields = {
  agent_id: 'agent001',
  user_id: 'Uid001',
  token: 'dG9rZW4+MTIzNDU2/zg==',
  platform: 'h5',
  language: 'en-US',
  currency: 'VND2',
  timestamp: 1_734_417_873_301,
  limits: { USD_101: '110101,110102' },
  game_code: '',
  callback: 'https://h5.example.com/home?a=%20b',
}
const names = ['agent_id', 'callback', 'currency', 'language', 'platform', 'timestamp', 'token', 'user_id'] as const
const profile = { algorithm: 'md5', callback: 'signed' } as const
const attempt: Attempt = {
  call: memberLogin,
  profile,
  body: fields,
  raw: JSON.stringify(fields),
  names: [...names, 'game_code'].sort(),
  pairs: names.map((name) => [name, String(fields[name])] as const),
  keys: { active: [key], retired: ['retiredKey123456'], others: ['otherKey12345678'] },
  prior: { platform: 'web', user_id: 'Uid002' },
  origin: 'https://login.example.com',
}

function explain(sign: string, looks: number) {
  return explainSignature({
    call: memberLogin,
    body: JSON.stringify({ ...fields, sign }),
    keys: attempt.keys,
    profile,
    now: null,
    prior: attempt.prior,
    hasTime: () => looks-- > 0,
  })
}

const all = [...families, ...lateFamilies]
for (const [index, family] of all.entries()) {
  test(`a cause is never listed as ruled out, however soon the search is cut short: ${family.ruledOut.slice(0, 60)}`, () => {
    const members = [...family.mistakes(attempt)]
    // The first, the last, and some between: they are many.
    for (const [at, { steps }] of members.entries()) {
      if (at !== 0 && at !== members.length - 1 && at % Math.ceil(members.length / 3) !== 0) continue
      const recipe = { ...rightRecipe('md5', key), ...steps }
      const sign = recipe.digest(recipe.encode(recipe.place(textOf(recipe, attempt.pairs), recipe.key)), recipe.key)
      for (const looks of [1, 2 * index, 200]) {
        const { kind, also, ruledOut } = explain(sign, looks)
        if (![kind, ...also.map((cause) => cause.kind)].includes('unknown')) continue
        assert.ok(looks < 200)
        assert.deepEqual(
          ruledOut.filter((entry) => entry.startsWith(family.ruledOut)),
          [],
        )
        assert.match(ruledOut.at(-1) ?? '', /and nothing else for certain/)
      }
    }
  })
}

test('what is ruled out is said to be so as the only mistake; a search of several at once says how far it came', () => {
  const { kind, ruledOut } = explain(createHash('md5').update('something else').digest('hex'), 1_000)
  assert.equal(kind, 'unknown')
  assert.equal(ruledOut.filter((entry) => entry.endsWith('each as the only mistake')).length, all.length)
  assert.match(ruledOut.at(-1) ?? '', /[0-9],[0-9]{3} ways in all$/)
})
