/** Where seals go so that somebody else holds them (check 74). */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { MetaStore } from '../../store/store.ts'
import { digest } from '../base/digest.ts'

/** A seal as it is held elsewhere. */
export interface HeldSeal {
  readonly number: number
  readonly digest: string
}

export interface SealDestination {
  readonly name: 'file' | 'url'
  /** Whether each node has its own. */
  readonly isPerHost: boolean
  /** The number of the last seal that it has; 0 for none. */
  reached(): Promise<number>
  /** Resolves when it has them, durably. */
  deliver(seals: readonly HeldSeal[], signal: AbortSignal): Promise<void>
}

/** Longer than any line. */
const tailBytes = 4_096
const postMsMax = 10_000

/** A file of lines `NUMBER DIGEST`, appended to and synced. What it holds is read from it: a new file gets every seal. */
export class SealFile implements SealDestination {
  readonly name = 'file'
  readonly isPerHost = true
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async reached(): Promise<number> {
    return this.#use(async (file) => {
      const { text } = await readTail(file)
      const last =
        text
          .slice(0, Math.max(0, text.lastIndexOf('\n')))
          .split('\n')
          .at(-1) ?? ''
      if (last === '') return 0
      const number = Number(/^(\d{1,15}) [0-9a-f]{64}$/.exec(last)?.[1])
      if (Number.isNaN(number)) throw new Error('its last line is no seal')
      return number
    })
  }

  async deliver(seals: readonly HeldSeal[]): Promise<void> {
    await this.#use(async (file) => {
      // A line that a crash has cut short is written again.
      const { text, size } = await readTail(file)
      const tornBytes = text.length - (text.lastIndexOf('\n') + 1)
      if (tornBytes > 0) await file.truncate(size - tornBytes)
      await file.appendFile(seals.map((seal) => `${seal.number} ${seal.digest}\n`).join(''))
      await file.datasync()
    })
  }

  async #use<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(this.#path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o640)
    try {
      return await work(file)
    } finally {
      await file.close()
    }
  }
}

/** A character of `text` is a byte. */
async function readTail(file: FileHandle): Promise<{ text: string; size: number }> {
  const { size } = await file.stat()
  const start = Math.max(0, size - tailBytes)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
  return { text: buffer.toString('latin1', 0, bytesRead), size }
}

/** A service that takes `{"seals": [{"number", "digest"}]}` by POST and answers 2xx once it keeps them. A repeat after a lost answer is possible. */
export class SealUrl implements SealDestination {
  readonly name = 'url'
  readonly isPerHost = false
  readonly #url: string
  readonly #meta: MetaStore
  /** Another URL gets every seal, too. */
  readonly #mark: string

  constructor(url: string, meta: MetaStore) {
    this.#url = url
    this.#meta = meta
    this.#mark = `seals-delivered:${digest('sha256', url).toString('hex').slice(0, 16)}`
  }

  async reached(): Promise<number> {
    const mark = await this.#meta.find(this.#mark)
    return mark === null ? 0 : Number(Buffer.from(mark).toString())
  }

  async deliver(seals: readonly HeldSeal[], signal: AbortSignal): Promise<void> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seals }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(postMsMax)]),
    }).catch((error: Error & { cause?: { code?: string } }) => {
      // The URL may hold a secret, which fetch would put into its message.
      throw new Error(error.name === 'TimeoutError' ? `no answer within ${postMsMax / 1_000} s` : (error.cause?.code ?? error.name))
    })
    // What it says is of no interest, however long.
    await response.body?.cancel()
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    await this.#meta.put(this.#mark, Buffer.from(String(seals.at(-1)?.number)))
  }
}
