import { parseTokens, type StoredTokens, type TokenStorage } from './token-storage.ts'

/** A lock that is older belongs to a process that is gone. */
const lockMsMax = 60_000
const lockPauseMs = 50

/** A file that only its owner may read, shared by the processes of one machine. For Node.js, Deno and Bun. */
export class FileStorage implements TokenStorage {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async read(): Promise<StoredTokens | null> {
    const { readFile } = await import('node:fs/promises')
    try {
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
    await writeFile(draft, JSON.stringify(tokens), { mode: 0o600 })
    await rename(draft, this.#path)
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const { rm } = await import('node:fs/promises')
    const lock = `${this.#path}.lock`
    while (!(await takeLock(lock))) await new Promise((resolve) => setTimeout(resolve, lockPauseMs))
    try {
      return await work()
    } finally {
      await rm(lock, { force: true })
    }
  }
}

async function takeLock(lock: string): Promise<boolean> {
  const { open, rm, stat } = await import('node:fs/promises')
  try {
    await (await open(lock, 'wx')).close()
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
    const found = await stat(lock).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > lockMsMax) await rm(lock, { force: true })
    return false
  }
}
