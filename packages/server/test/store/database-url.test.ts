import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, readSettings } from '../../src/config/read-env.ts'
import { parseDatabaseUrl, readDatabaseUrl, sqliteFileOf } from '../../src/store/database-url.ts'

const password = 'hunter2'
/** Unescaped passwords with characters that have a meaning in URLs. */
const unescaped = [
  '@x',
  'x@',
  '@',
  '/x',
  '?x',
  '#x',
  ' x',
  '%x',
  '%',
  '[x',
  ']',
  ':x',
  '"x',
  '<x',
  '\\x',
  '^',
  '`',
  '{x}',
  '|',
  'ä',
  '\n',
  '/1?a@b',
  '@h/d#',
].map((tail) => `${password}${tail}`)

test('an unescaped password is refused, and no part of it is repeated', () => {
  for (const text of unescaped) {
    const url = `postgres://lobbykey:${text}@db.example/lobbykey`
    assert.equal(parseDatabaseUrl(url), null, url)
    assert.throws(
      () => readDatabaseUrl(url),
      (error: Error) => error instanceof TypeError && !error.message.includes(password),
    )
    assert.throws(
      () => readSettings({ DATABASE_URL: url }, 'cli'),
      (error: Error) => error instanceof ConfigError && /DATABASE_URL must be/.test(error.message) && !error.message.includes(password),
    )
  }
})

test('the same passwords, escaped, are accepted', () => {
  for (const text of unescaped) {
    const url = parseDatabaseUrl(`postgres://lobbykey:${encodeURIComponent(text)}@db.example/lobbykey`)
    assert.ok(url?.kind === 'postgres')
    assert.deepEqual(
      url.servers.map(({ host, port }) => [host, port]),
      [['db.example', 5432]],
    )
    assert.equal(decodeURIComponent(new URL(url.servers[0]?.url ?? '').password), text)
  }
})

test('several servers, sockets and target_session_attrs', () => {
  const placesOf = (text: string) => {
    const url = parseDatabaseUrl(text)
    return url?.kind === 'postgres' ? url.servers.map(({ host, port }) => `${host} ${port}`) : null
  }
  assert.deepEqual(placesOf('postgres://u:p@one,two:5433/db?target_session_attrs=read-write'), ['one 5432', 'two 5433'])
  assert.deepEqual(placesOf('postgresql://u@10.0.0.1:6432,[fd00::2]:5433/db'), ['10.0.0.1 6432', 'fd00::2 5433'])
  assert.deepEqual(placesOf('postgres:///db?host=/run/postgresql,two&port=5433,5434'), ['/run/postgresql 5433', 'two 5434'])
  assert.deepEqual(placesOf('postgres://u@%2Frun%2Fpostgresql/db'), ['/run/postgresql 5432'])
  assert.deepEqual(placesOf('postgres://u@one/db?target_session_attrs=primary&sslmode=verify-full'), ['one 5432'])
  for (const target of ['standby', 'read-only', 'prefer-standby', '']) {
    assert.equal(placesOf(`postgres://u@one/db?target_session_attrs=${target}`), null, 'this server writes')
  }
  for (const url of [
    'postgres://u@one:0/db',
    'postgres://u@one:65536/db',
    'postgres://u@one:x/db',
    'postgres://u@o ne/db',
    'postgres://u@one/a/b',
  ]) {
    assert.equal(placesOf(url), null, url)
  }
})

test('invalid database URLs', () => {
  for (const url of ['', 'sqlite:', 'mysql://root@db', 'file:store.db', 'postgres:', 'postgres//u@h/d'])
    assert.equal(parseDatabaseUrl(url), null, url)
  assert.deepEqual(parseDatabaseUrl('sqlite:./a b@c.db'), { kind: 'sqlite', path: './a b@c.db' })
  assert.equal(sqliteFileOf('sqlite:./a.db'), './a.db')
  assert.equal(sqliteFileOf('sqlite::memory:'), null)
  assert.equal(sqliteFileOf('postgres://u@h/d'), null)
})
