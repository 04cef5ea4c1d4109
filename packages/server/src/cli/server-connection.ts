/** The server that verbs run on: from the environment, or saved by `lobbykey connect`. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError, type Environment, findConfigurationFolder, findServer } from '../config/read-env.ts'
import { randomId } from '../core/base/random.ts'

export interface ServerConnection {
  readonly url: string
  readonly token: string
}

/** A saved token, and what is known of it where `connect` fetched it. */
export interface SavedServer {
  readonly token: string
  readonly tokenId?: string
  /** The operator in whose name it acts. */
  readonly email?: string
  /** ISO 8601. */
  readonly expiresAt?: string
}

interface SavedServers {
  /** The server that verbs run on; null for none. */
  readonly current: string | null
  /** By URL. */
  readonly servers: Readonly<Record<string, SavedServer>>
}

/** Null if verbs run on the configured store. @throws ConfigError */
export function findConnection(env: Environment): ServerConnection | null {
  const { url, token, hasStore } = findServer(env)
  if (url === null) return hasStore ? null : savedConnection(env, readSaved(env).current)
  if (hasStore) throw new ConfigError(['LOBBYKEY_URL and DATABASE_URL are both set; keep the one you want to work on'])
  const found = token === null ? savedConnection(env, url) : { url, token }
  if (found !== null) return found
  throw new ConfigError([`LOBBYKEY_TOKEN or LOBBYKEY_TOKEN_FILE is required with LOBBYKEY_URL; or run \`lobbykey connect ${url}\``])
}

/** Readable by its user only; verbs run there from now on. @throws ConfigError @returns the path */
export function saveConnection(env: Environment, url: string, server: SavedServer): string {
  return write(env, { current: url, servers: { ...readSaved(env).servers, [url]: server } })
}

/** Every saved server, and the one that verbs run on. @throws ConfigError */
export function listConnections(env: Environment): SavedServers {
  return readSaved(env)
}

/** Verbs run on this saved server from now on; false when there is none of that URL. @throws ConfigError */
export function useConnection(env: Environment, url: string): boolean {
  const saved = readSaved(env)
  if (!Object.hasOwn(saved.servers, url)) return false
  write(env, { ...saved, current: url })
  return true
}

/** @param url of the one to forget. @returns what was saved of it, or null. @throws ConfigError */
export function forgetConnection(env: Environment, url: string): SavedServer | null {
  const { current, servers } = readSaved(env)
  const { [url]: forgotten, ...others } = servers
  if (forgotten === undefined) return null
  write(env, { current: current === url ? null : current, servers: others })
  return forgotten
}

function savedConnection(env: Environment, url: string | null): ServerConnection | null {
  const found = url === null ? undefined : readSaved(env).servers[url]
  return url === null || found === undefined ? null : { url, token: found.token }
}

function readSaved(env: Environment): SavedServers {
  const none = { current: null, servers: {} }
  const path = savedPath(env)
  if (path === null) return none
  try {
    const { current, servers } = JSON.parse(readFileSync(path, 'utf8')) as Partial<SavedServers>
    const isWhole = typeof servers === 'object' && Object.values(servers).every(({ token }) => typeof token === 'string')
    if (isWhole && (current === null || typeof current === 'string')) return { current, servers }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none
  }
  throw new ConfigError([`${path} is not valid: delete the file, and run \`lobbykey connect\` again`])
}

function write(env: Environment, saved: SavedServers): string {
  const path = savedPath(env)
  if (path === null)
    throw new ConfigError(['there is no home directory to save the connection in: set LOBBYKEY_URL and LOBBYKEY_TOKEN_FILE instead'])
  // A new file that takes the old one's place: never half-written, and never in a file whose mode lets others read.
  const draft = `${path}.${randomId()}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(draft, `${JSON.stringify(saved)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw new ConfigError([`the connection cannot be saved (${(error as Error).message}); check the permissions of ${dirname(path)}`])
  }
  return path
}

function savedPath(env: Environment): string | null {
  const folder = findConfigurationFolder(env)
  return folder === null ? null : join(folder, 'lobbykey', 'connections.json')
}
