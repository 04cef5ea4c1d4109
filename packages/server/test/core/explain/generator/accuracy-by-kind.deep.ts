import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Besides, type Measured, measure, type Verdict } from './measure.ts'

const verdicts: readonly Verdict[] = ['right', 'unknown', 'wrong']

test('accuracy by kind, without the text and with it: single, double, with a retired key, and as runtimes make it', () => {
  const all = [...measure(Number(process.env.COUNT ?? 2))]
  const byName = Map.groupBy(
    all.filter(({ form }) => form !== 'double'),
    ({ name, form }) => `${form.padEnd(8)} ${name}`,
  )
  const width = Math.max(...[...byName.keys()].map((name) => name.length))
  for (const [name, list] of byName) console.log(row(name.padEnd(width), list))
  for (const form of ['single', 'double', 'keyed', 'runtime'] as const) {
    console.log(
      row(
        `all ${form}`.padEnd(width),
        all.filter((one) => one.form === form),
      ),
    )
  }
  console.log(
    row(
      'held out'.padEnd(width),
      all.filter(({ isHeldOut }) => isHeldOut),
    ),
  )
  console.log(row('all'.padEnd(width), all))
  for (const { name, form, said } of all.filter(({ withoutText }) => withoutText === 'wrong'))
    console.log(`wrong: ${form} ${name}: ${said}`)

  assert.ok(new Set(all.filter(({ form }) => form !== 'double').map(({ name }) => name)).size >= 150)
  assert.ok(share(all, 'withoutText', 'right') >= 0.7)
  assert.ok(share(all, 'withText', 'right') >= 0.99)
  assert.equal(share(all, 'withText', 'wrong'), 0)
  assert.ok(share(all, 'withoutText', 'wrong') < 0.005)
})

test('with 199 other merchants more, three retired keys and two active ones it is within 1 % of that', () => {
  const right = (besides: Besides) => share([...measure(1, 15, besides)], 'withoutText', 'right')
  const [one, many] = [right({ active: 0, retired: 0, others: 0 }), right({ active: 1, retired: 2, others: 199 })]
  console.log(`one of each: ${(100 * one).toFixed(1)} %, many: ${(100 * many).toFixed(1)} %`)
  assert.ok(many >= one - 0.01)
})

function share(list: readonly Measured[], which: 'withoutText' | 'withText', verdict: Verdict): number {
  return list.filter((one) => one[which] === verdict).length / list.length
}

function row(name: string, list: readonly Measured[]): string {
  const cells = (which: 'withoutText' | 'withText') =>
    verdicts.map((verdict) => `${(100 * share(list, which, verdict)).toFixed(1).padStart(6)}`).join('')
  return `${name}  ${String(list.length).padStart(5)}  without${cells('withoutText')}  with${cells('withText')}`
}
