import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../src/store/open-store.ts'
import { commandLine, temporaryFolder } from './command-line.ts'

const page = readFileSync(new URL('../../../../docs/command-line.md', import.meta.url), 'utf8')
const example = (form: 'json' | 'csv') => page.match(new RegExp(`\`\`\`${form}\n([^\`]*)\`\`\``))?.[1] ?? assert.fail()

test('a CSV file is read like the JSON one; the documented example works', async (t) => {
  const command = await commandLine(t)
  const file = join(await temporaryFolder(t), 'catalogue.CSV')
  await writeFile(file, `\ufeff${example('csv').replaceAll('\n', '\r\n')}`)
  await command.json(['catalogue', 'import', file])
  const store = await openStore({ url: command.env.DATABASE_URL ?? '' })
  t.after(() => store.close())
  assert.deepEqual(await store.catalogue.load(), {
    games: [{ gameId: '101', names: { en: 'Baccarat', vi: 'Baccarat' } }],
    tables: [{ gameId: '101', instId: 'DYfsRc', names: { en: 'Table 1', vi: 'Bàn 1' }, status: 1 }],
    limits: [{ redId: '110101', gameId: '101', currency: 'USD', minLimit: '1', maxLimit: '100', seq: 1, status: 1 }],
  })
})

test('errors in a CSV file are reported by line, and nothing is changed', async (t) => {
  const command = await commandLine(t)
  const file = join(await temporaryFolder(t), 'catalogue.csv')
  const header = 'part,game_id,inst_id,red_id,currency,min_limit,max_limit,seq,status,name:en'
  const wrong: [string, RegExp][] = [
    ['', /the file is empty/],
    ['part,game_id,colour\n', /line 1: colour is not a column/],
    ['part,game_id,__proto__\n', /line 1: __proto__ is not a column/],
    ['part,part\n', /line 1: the column part appears twice/],
    [`${header}\ngame,101\n`, /line 2: 2 cells under 10 columns/],
    [`${header}\nroom,101,,,,,,,,x\n`, /line 2: part must be game, table or limit/],
    [`${header}\ngame,101,,,,,,,,"Bacc"arat"\n`, /line 2: a quote stands where none may/],
    [`${header}\ngame,101,,,,,,,,"Bacc\n`, /line 2: a quote stands where none may/],
    [`${header}\ngame,101,,,,,,,,"Two\nlines"\ntable,102,A,,,,,,1,x\n`, /line 2\.names must be/],
    [`${header}\ngame,101,,,,,,,,x\n\ntable,102,A,,,,,,1,x\n`, /line 4\.game_id 102 is not one of games/],
    [`${header}\ngame,101,A,,,,,,,x\n`, /line 2\.inst_id is not a field of games/],
    [`${header}\ngame,101,,,,,,,,x\nlimit,101,,1,USD,1,2,one,1,\n`, /line 3\.seq must be a whole number/],
    [`${header}\ngame,101,,,,,,,,x\nlimit,101,,1,USD,1,2,01,1,\n`, /line 3\.seq must be a whole number/],
    [`${header}\ngame,101,,,,,,,,x\ngame,101,,,,,,,,y\n`, /line 3 repeats 101/],
    [`${header}\ngame,101,,,,,,,,x\nlimit,101,,1,USD,3,2,1,1,\n`, /line 3\.min_limit 3 is above max_limit 2/],
  ]
  for (const [content, message] of wrong) {
    await writeFile(file, content)
    const failure = await command.failure(['catalogue', 'import', file])
    assert.equal(failure.exitCode, 2)
    assert.match(failure.message, message)
  }
})

test('--dry-run prints the difference and changes nothing', async (t) => {
  const command = await commandLine(t)
  const folder = await temporaryFolder(t)
  const [first, second] = [join(folder, 'first.json'), join(folder, 'second.json')]
  await writeFile(first, example('json'))
  const changed = JSON.parse(example('json')) as { games: object[]; tables: object[]; limits: { max_limit: string }[] }
  const [limit] = changed.limits
  await writeFile(
    second,
    JSON.stringify({
      games: [...changed.games, { game_id: '102', names: { en: 'Dragon Tiger' } }],
      tables: [{ ...changed.tables[0], names: { en: 'Table A' }, status: 0 }],
      limits: [{ ...limit, max_limit: '200' }],
    }),
  )
  const dryRun = async (file: string) => (await command.run(['catalogue', 'import', file, '--dry-run'])).output
  assert.match(await dryRun(first), /^\+ game 101\n\+ table 101-DYfsRc\n\+ limit USD_101 110101\n.*\nDry run: nothing was changed\.\n$/)
  await command.json(['catalogue', 'import', first])
  assert.equal(await dryRun(first), 'The store already has this catalogue.\n')
  assert.equal(
    await dryRun(second),
    `${[
      '+ game 102',
      '~ table 101-DYfsRc: names {"en":"Table 1"} → {"en":"Table A"}, status 1 → 0',
      '- limit USD_101 110102',
      '~ limit USD_101 110101: maxLimit 100 → 200',
      'Dry run: nothing was changed.',
    ].join('\n')}\n`,
  )
  assert.equal(await dryRun(first), 'The store already has this catalogue.\n')
  const { output } = await command.run(['catalogue', 'import', second])
  assert.match(output, /2 games, 1 table and 1 bet limit\.\n1 added, 1 removed, 2 changed\.\n$/)
})

test('an export can be imported: the same catalogue, in both forms; a game is shown with its own items', async (t) => {
  const command = await commandLine(t)
  const folder = await temporaryFolder(t)
  const file = join(folder, 'catalogue.json')
  await writeFile(file, example('json').replace('Table 1', 'Table \\"1\\", left'))
  await command.json(['catalogue', 'import', file])
  assert.equal((await command.run(['catalogue', 'show'])).output, 'The catalogue has 1 game, 1 table and 2 bet limits.\n')
  for (const form of ['json', 'csv']) {
    const exported = join(folder, `exported.${form}`)
    await writeFile(exported, (await command.run(['catalogue', 'export', '--form', form])).output)
    assert.equal((await command.run(['catalogue', 'import', exported, '--dry-run'])).output, 'The store already has this catalogue.\n')
  }
  const game = await command.json<{ tables: object[]; limits: object[] }>(['catalogue', 'show', '101'])
  assert.deepEqual([game.tables.length, game.limits.length], [1, 2])
  assert.match((await command.run(['catalogue', 'show', '101'])).output, /^Game 101, en: Baccarat/)
  assert.equal((await command.failure(['catalogue', 'show', '999'])).exitCode, 3)
})
