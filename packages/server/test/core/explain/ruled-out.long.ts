import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { memberLogin } from '@lobbykey/contract'
import type { Attempt, Mistake } from '../../../src/core/explain/mistake.ts'
import { gatewayForms } from '../../../src/core/explain/mistakes/gateway-forms.ts'
import { rightRecipe, textOf } from '../../../src/core/explain/recipe.ts'
import { families, findMistakes, lateFamilies, phaseRuledOut } from '../../../src/core/explain/search.ts'
import { readSign } from '../../../src/core/explain/sign-readings.ts'

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

/** The search stopped one digest before it finds the cause, when most else was tried in vain. */
function cutJustBefore(sign: string) {
  const search = (digestsMax: number) => findMistakes(attempt, readSign(sign), () => true, digestsMax)
  let [inVain, found] = [0, 400_000]
  assert.notEqual(search(found).finding, null)
  while (found - inVain > 1) {
    const middle = (inVain + found) >> 1
    if (search(middle).finding === null) inVain = middle
    else found = middle
  }
  // The very first is tried before the time is checked.
  return inVain === 0 ? null : search(inVain)
}

function signedWith(mistakes: readonly Mistake[]): string {
  const recipe = Object.assign({ ...rightRecipe('md5', key) }, ...mistakes.map(({ steps }) => steps))
  return recipe.digest(recipe.encode(recipe.place(textOf(recipe, attempt.pairs), recipe.key)), recipe.key)
}

const all = [...families, ...lateFamilies]
for (const family of all) {
  test(`a cause is never listed as ruled out, however soon the search is cut short: ${family.ruledOut.slice(0, 60)}`, () => {
    const members = [...family.mistakes(attempt)]
    // The first, the last, and some between: they are many.
    for (const [at, mistake] of members.entries()) {
      if (at !== 0 && at !== members.length - 1 && at % Math.ceil(members.length / 3) !== 0) continue
      const { ruledOut } = cutJustBefore(signedWith([mistake])) ?? {}
      if (ruledOut === undefined) continue
      assert.deepEqual(
        ruledOut.filter((entry) => entry.startsWith(family.ruledOut)),
        [],
      )
      assert.match(ruledOut.at(-1) ?? '', /and nothing else for certain/)
    }
  })
}

/** The last of the usual ones in this step, tried after most others. */
function usual(step: keyof Mistake['steps']): Mistake {
  const found = families
    .flatMap((family) => [...family.mistakes(attempt)])
    .filter(({ reach, steps }) => reach === 'any' && Object.keys(steps).join() === step)
  return found.at(-1) as Mistake
}

const planted: Record<keyof typeof phaseRuledOut, readonly (readonly Mistake[])[]> = {
  forms: [[...gatewayForms(attempt)].at(-1), [...gatewayForms(attempt)].at(-700)].map((form) => [form as Mistake]),
  pairs: [
    [usual('place'), usual('print')],
    [usual('order'), usual('encode')],
  ],
  triples: [[usual('place'), usual('order'), usual('encode')]],
}
for (const [phase, entry] of Object.entries(phaseRuledOut)) {
  test(`several mistakes at once are never listed as ruled out, wherever the search is cut short: ${phase}`, () => {
    for (const mistakes of planted[phase as keyof typeof phaseRuledOut])
      assert.equal(cutJustBefore(signedWith(mistakes))?.ruledOut.includes(entry), false)
  })
}

test('a family of which nothing could be tried is not ruled out', () => {
  const seconds = attempt.pairs.map(([name, text]) => [name, name === 'timestamp' ? text.slice(0, 10) : text] as const)
  const { ruledOut } = findMistakes({ ...attempt, pairs: seconds }, readSign(createHash('md5').update('something else').digest('hex')))
  assert.ok(ruledOut.length > families.length)
  assert.ok(!ruledOut.some((entry) => entry.includes('timestamp')))
})

test('what is ruled out is ruled out as the only mistake; a search of several at once says how far it got', () => {
  const { finding, ruledOut } = findMistakes(attempt, readSign(createHash('md5').update('something else').digest('hex')))
  assert.equal(finding, null)
  // Other gateways' forms too.
  assert.equal(ruledOut.filter((entry) => entry.endsWith('each as the only mistake')).length, all.length + 1)
  assert.match(ruledOut.at(-1) ?? '', /[0-9],[0-9]{3} ways in all$/)
})
