import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CatalogueDirectory } from '../../../src/core/catalogue/catalogue-directory.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Catalogue } from '../../../src/store/store.ts'
import { sampleEvent } from '../../store/samples.ts'

const [baccarat, roulette] = [
  { gameId: '101', names: { en: 'Baccarat' } },
  { gameId: '102', names: { en: 'Roulette' } },
]
const [open, hyphened, closed] = [
  { gameId: '101', instId: 'DYfsRc', names: { en: 'Table 1' }, status: 1 },
  { gameId: '101', instId: 'VIP-7', names: { en: 'Table 7' }, status: 1 },
  { gameId: '101', instId: 'shut', names: { en: 'Table 9' }, status: 0 },
] as const
const catalogue: Catalogue = { games: [baccarat, roulette], tables: [open, hyphened, closed], limits: [] }

test('game_code: game, random table, table; an unknown one leads to the lobby', async () => {
  const store = await openStore({ url: 'sqlite::memory:' })
  await migrate(store)
  await store.catalogue.replace(catalogue, sampleEvent())
  const directory = new CatalogueDirectory({ store: store.catalogue })
  await directory.reload()
  await store.close()
  assert.deepEqual(directory.resolveGame('101'), { kind: 'game', game: baccarat })
  assert.deepEqual(directory.resolveGame('rand-102'), { kind: 'random', game: roulette })
  assert.deepEqual(directory.resolveGame('101-DYfsRc'), { kind: 'table', game: baccarat, table: open })
  assert.deepEqual(directory.resolveGame('101-VIP-7'), { kind: 'table', game: baccarat, table: hyphened })
  for (const code of [
    null,
    '999',
    'rand',
    'rand-',
    'rand-999',
    'rand-101-DYfsRc',
    '101-',
    '101-dyfsrc',
    '102-DYfsRc',
    '101-shut',
    '-',
    '-101',
    'x_y',
  ]) {
    assert.deepEqual(directory.resolveGame(code), { kind: 'lobby' }, String(code))
  }
})
