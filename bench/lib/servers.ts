/** Every server of the benchmark, started as its documentation recommends for production. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, type Server, startServer } from './child.ts'
import { launcher, masterKey, merchant } from './stores.ts'
import { repositoryFolder } from './workspace.ts'

/** Enabled, and far above any load made here. */
export const limits = { RATE_PER_MERCHANT: '500000', RATE_PER_ADDRESS: '500000' } as const

/** Extra node options for the gateway, for profiling: `LOBBYKEY_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/prof"`. */
const nodeOptions = (process.env.LOBBYKEY_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '')

/** `lobbykey serve`. MEMBER_HTTP_STATUS=standard lets the generator detect refusals without reading bodies; successful logins are unaffected. */
export function startGateway(databaseUrl: string, env: Readonly<Record<string, string>> = {}, program = launcher): Promise<Server> {
  return startServer({
    name: 'Lobbykey',
    args: [...nodeOptions, program, 'serve'],
    env: {
      DATABASE_URL: databaseUrl,
      MASTER_KEY: masterKey,
      PUBLIC_URL: 'http://127.0.0.1:8080',
      MEMBER_HTTP_STATUS: 'standard',
      // Two of them may run at once.
      ADMIN_PORT: '0',
      ...limits,
      ...env,
    },
    readyPath: '/readyz',
  })
}

/** What operators run: modules joined into a few files, which starts faster and takes less memory than the source. */
export interface BuiltServer {
  readonly program: string
  remove(): void
}

export async function buildServer(): Promise<BuiltServer> {
  const folder = join(repositoryFolder, 'packages/server/.bench')
  await runCommand(process.execPath, [join(repositoryFolder, 'scripts/release/bundle.ts'), folder])
  return { program: join(folder, 'bin/lobbykey.js'), remove: () => rmSync(folder, { recursive: true }) }
}

export function startBare(file: string, name: string, env: Readonly<Record<string, string>> = {}): Promise<Server> {
  return startServer({ name, args: [`bare/${file}.ts`], env: { MERCHANT_KEY: merchant.key, ...env } })
}

export function startPeer(file: string, name: string, env: Readonly<Record<string, string>>): Promise<Server> {
  return startServer({ name, args: [`peers/${file}.ts`], env: { BETTER_AUTH_SECRET: randomBytes(32).toString('base64'), ...env } })
}
