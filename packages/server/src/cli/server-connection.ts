/** The server that verbs run on: from the environment, or saved by `lobbykey connect`. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError, type Environment, findConfigurationFolder, findServer } from '../config/read-env.ts'

export interface ServerConnection {
  readonly url: string
  readonly token: string
}

/** Null if verbs run on the configured store. @throws ConfigError */
export function findConnection(env: Environment): ServerConnection | null {
  const { url, token, hasStore } = findServer(env)
  if (url === null) return hasStore ? null : readSaved(env)
  if (hasStore) throw new ConfigError(['LOBBYKEY_URL and DATABASE_URL are both set; keep the one you want to work on'])
  if (token !== null) return { url, token }
  const saved = readSaved(env)
  if (saved?.url === url) return saved
  throw new ConfigError([`LOBBYKEY_TOKEN or LOBBYKEY_TOKEN_FILE is required with LOBBYKEY_URL; or run \`lobbykey connect ${url}\``])
}

/** Readable by its user only. @throws ConfigError @returns the path */
export function saveConnection(env: Environment, connection: ServerConnection): string {
  const path = savedPath(env)
  if (path === null)
    throw new ConfigError(['there is no home directory to save the connection in: set LOBBYKEY_URL and LOBBYKEY_TOKEN_FILE instead'])
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, `${JSON.stringify(connection)}\n`, { mode: 0o600 })
    // An existing file keeps its mode.
    chmodSync(path, 0o600)
  } catch (error) {
    throw new ConfigError([`the connection cannot be saved (${(error as Error).message}); check the permissions of ${dirname(path)}`])
  }
  return path
}

/** @returns the forgotten server, or null */
export function forgetConnection(env: Environment): string | null {
  const saved = readSaved(env)
  const path = savedPath(env)
  if (path !== null) rmSync(path, { force: true })
  return saved?.url ?? null
}

function readSaved(env: Environment): ServerConnection | null {
  const path = savedPath(env)
  if (path === null) return null
  try {
    const { url, token } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServerConnection>
    if (typeof url === 'string' && typeof token === 'string') return { url, token }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
  }
  throw new ConfigError([`${path} is not valid: run \`lobbykey connect\` again, or delete the file`])
}

function savedPath(env: Environment): string | null {
  const folder = findConfigurationFolder(env)
  return folder === null ? null : join(folder, 'lobbykey', 'connection.json')
}
