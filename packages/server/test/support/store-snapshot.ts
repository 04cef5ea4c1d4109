import { rm } from 'node:fs/promises'
import { backup, DatabaseSync } from 'node:sqlite'
import pg from 'pg'

const attemptsMax = 100

/** A copy of a whole store that can be restored under the processes that have it open: the store goes back. */
export interface StoreSnapshot {
  restore(): Promise<void>
}

export function takeSnapshot(url: string): Promise<StoreSnapshot> {
  return url.startsWith('sqlite:') ? snapshotOfFile(url.slice('sqlite:'.length)) : snapshotOfDatabase(url)
}

/** SQLite's own online backup, in both directions. */
async function snapshotOfFile(path: string): Promise<StoreSnapshot> {
  const copy = `${path}.snapshot`
  const copyInto = async (from: string, to: string) => {
    const file = new DatabaseSync(from, { timeout: 5_000 })
    try {
      // A backup that meets a process's transaction restarts.
      for (let attempt = 1; ; attempt++) {
        const isDone = await backup(file, to).then(
          () => true,
          (error: unknown) => {
            if (attempt === attemptsMax) throw error
            return false
          },
        )
        if (isDone) return
      }
    } finally {
      file.close()
    }
  }
  await rm(copy, { force: true })
  await copyInto(path, copy)
  return { restore: () => copyInto(copy, path) }
}

/** Every table and sequence, in one transaction: restoring a dump would need another database name, or no connections. */
async function snapshotOfDatabase(url: string): Promise<StoreSnapshot> {
  await withClient(url, async (client) => {
    await client.query('drop schema if exists snapshot cascade; create schema snapshot')
    for (const table of await tablesOf(client)) await client.query(`create table snapshot.${table} as table public.${table}`)
  })
  const restore = () =>
    withClient(url, async (client) => {
      const tables = await tablesOf(client)
      await client.query('begin; set local session_replication_role = replica')
      await client.query(`lock table ${tables.map((table) => `public.${table}`).join(', ')} in access exclusive mode`)
      for (const table of tables) {
        await client.query(`delete from public.${table}`)
        await client.query(`insert into public.${table} overriding system value select * from snapshot.${table}`)
      }
      for (const [table, column] of Object.entries({ changes: 'seq', events: 'id', traces: 'id' })) {
        await client.query(
          `select setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 1)) from public.${table}`,
        )
      }
      await client.query('commit')
    })
  return { restore }
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public' order by 1")
  return rows.map(({ name }) => name)
}

async function withClient(url: string, run: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await run(client)
  } finally {
    await client.end()
  }
}
