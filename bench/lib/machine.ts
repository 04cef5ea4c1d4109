import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { runCommand } from './child.ts'
import { generatorName } from './load.ts'
import { limits } from './servers.ts'
import { postgresUrl } from './stores.ts'
import { benchFolder, repositoryFolder } from './workspace.ts'

/** What the figures depend on, by name. */
export async function describeMachine(): Promise<Record<string, string>> {
  const { versions } = process
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()} ${arch()}`,
    commit: await runCommand('git', ['-C', repositoryFolder, 'describe', '--always', '--dirty']).then(
      (text) => text.trim(),
      () => 'unknown',
    ),
    versions: `Node ${versions.node}, SQLite ${versions.sqlite}, OpenSSL ${versions.openssl}, ${await postgresVersion()}`,
    peers: ['better-auth', 'oidc-provider'].map((name) => `${name} ${versionOf(name)}`).join(', '),
    'load generator': `${generatorName}, on the same machine`,
    limiters: Object.entries(limits)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  }
}

async function postgresVersion(): Promise<string> {
  if (postgresUrl === null) return 'no PostgreSQL'
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  const { rows } = await client.query<{ text: string }>(
    `select 'PostgreSQL ' || current_setting('server_version') || ' (fsync ' || current_setting('fsync') || ', synchronous_commit '
       || current_setting('synchronous_commit') || ', wal_sync_method ' || current_setting('wal_sync_method')
       || ', shared_buffers ' || current_setting('shared_buffers') || ')' as text`,
  )
  await client.end()
  return rows[0]?.text ?? ''
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(benchFolder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
}
