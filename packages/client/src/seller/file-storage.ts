import { tokensBusy } from '../shared/lobbykey-error.ts'
import { parseTokens, type StoredTokens, type TokenStorage } from './token-storage.ts'

const lockPauseMs = 50
/** Who holds the lock touches its file this often; a file untouched for so long belongs to a process that is gone. */
const [touchMs, goneMs] = [1_000, 5_000]

export interface FileStorageOptions {
  /** Called when others had access to the file; default `console.warn`. */
  readonly warn?: (text: string) => void
}

/** A file that only its owner may read, shared by the processes of one machine. For Node.js, Deno and Bun. */
export class FileStorage implements TokenStorage {
  readonly #path: string
  readonly #warn: (text: string) => void

  constructor(path: string, { warn = (text) => console.warn(text) }: FileStorageOptions = {}) {
    this.#path = path
    this.#warn = warn
  }

  async read(): Promise<StoredTokens | null> {
    const { readFile } = await import('node:fs/promises')
    try {
      await this.#closeToOthers()
      return parseTokens(await readFile(this.#path, 'utf8'))
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return null
      throw error
    }
  }

  async write(tokens: StoredTokens | null): Promise<void> {
    const { rename, rm, writeFile } = await import('node:fs/promises')
    if (tokens === null) return rm(this.#path, { force: true })
    const draft = `${this.#path}.${crypto.randomUUID()}`
    try {
      await writeFile(draft, JSON.stringify(tokens), { mode: 0o600 })
      await rename(draft, this.#path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  /**
   * A file that was copied or restored may be open to others: closed again, which is told. Windows has no such modes.
   * @throws Error for another user's file: it could hold the tokens of another account
   */
  async #closeToOthers(): Promise<void> {
    const [{ chmod, stat }, { geteuid, platform }] = await Promise.all([import('node:fs/promises'), import('node:process')])
    const found = await stat(this.#path)
    const mode = found.mode & 0o777
    // A folder named by mistake stays as it is.
    if (platform === 'win32' || !found.isFile()) return
    if (isOfAnother(found.uid, geteuid)) {
      throw new Error(
        `${this.#path} belongs to another user (uid ${found.uid}), who could have put the tokens of another account there. Remove it, or name another file.`,
      )
    }
    if ((mode & 0o077) === 0) return
    const outcome = await chmod(this.#path, 0o600).then(
      () => 'Its mode is 600 now',
      () => 'Set its mode to 600',
    )
    this.#warn(
      `${this.#path} holds a login, and its mode ${mode.toString(8)} gave others access. ${outcome}; log out if somebody may have read it.`,
    )
  }

  async exclusively<T>(work: () => Promise<T>, waitMs: number): Promise<T> {
    const { rm, utimes } = await import('node:fs/promises')
    const lock = `${this.#path}.lock`
    await takeLock(lock, waitMs)
    const touch = setInterval(() => {
      const now = new Date()
      utimes(lock, now, now).catch(() => {})
    }, touchMs)
    try {
      return await work()
    } finally {
      clearInterval(touch)
      await rm(lock, { force: true })
    }
  }
}

/** What root owns is nobody else's. Deno tells its user only with a permission that nothing here needs otherwise. */
function isOfAnother(owner: number, geteuid: (() => number) | undefined): boolean {
  try {
    return owner !== 0 && geteuid !== undefined && owner !== geteuid()
  } catch {
    return false
  }
}

/** Both times of waiting are this process's own: a file's time is only compared with itself, whatever clock it is from. */
async function takeLock(lock: string, waitMs: number): Promise<void> {
  const { rm, stat } = await import('node:fs/promises')
  const end = performance.now() + waitMs
  let seen = { touchedAt: Number.NaN, since: 0 }
  while (!(await makeLock(lock))) {
    const now = performance.now()
    const touchedAt = (await stat(lock).catch(() => null))?.mtimeMs
    if (touchedAt !== undefined && touchedAt !== seen.touchedAt) seen = { touchedAt, since: now }
    // Two who find this at once may both renew: the gateway answers the same refresh token alike.
    else if (touchedAt !== undefined && now - seen.since > goneMs) await rm(lock, { force: true })
    if (now >= end) throw tokensBusy()
    await new Promise((resolve) => setTimeout(resolve, lockPauseMs))
  }
}

async function makeLock(lock: string): Promise<boolean> {
  const { open } = await import('node:fs/promises')
  try {
    await (await open(lock, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false
    throw error
  }
}
