import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { bytesArray, numberArray, textArray } from '../../src/store/postgres-array.ts'

const url = process.env.TEST_DATABASE_URL

test('array parameters arrive unchanged', { skip: !url && 'TEST_DATABASE_URL is not set' }, async () => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const echo = async (type: string, parameter: Buffer) => (await client.query(`select $1::${type} as value`, [parameter])).rows[0].value
    // PostgreSQL's text cannot contain NUL.
    const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { minLength: 1 }), async (values) => {
        assert.deepEqual(await echo('text[]', textArray(values)), values)
      }),
    )
    const long = ['x'.repeat(30_000), 'é'.repeat(30_000), null, '𝄞'.repeat(30_000)]
    assert.deepEqual(await echo('text[]', textArray(long)), long)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array(), { minLength: 1 }), async (values) => {
        const bytes: Buffer[] = await echo('bytea[]', bytesArray(values))
        assert.deepEqual(
          bytes.map((value) => [...value]),
          values.map((value) => [...value]),
        )
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.maxSafeInteger(), { minLength: 1 }), async (values) => {
        assert.deepEqual(await echo('int8[]', numberArray(values)), values.map(String))
      }),
    )
  } finally {
    await client.end()
  }
})
