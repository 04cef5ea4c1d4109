import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { randomSecret, randomText } from '../core/base/random.ts'

/** A secret kept in a file, without the line break that editors add. @throws Error when it cannot be read or is empty */
export function readSecretFile(path: string): string {
  const text = readFileSync(path, 'utf8').trim()
  if (text === '') throw new Error(`${path} is empty`)
  return text
}

/** The master key in this file, made at random on first use, readable by its owner only. */
export function findOrMakeMasterKeyFile(path: string): string {
  if (!existsSync(path)) makeSecretFile(path, Buffer.from(randomSecret(32)).toString('base64'))
  return readSecretFile(path)
}

/** Appears whole or not at all, and never replaces one that another process made meanwhile. */
function makeSecretFile(path: string, secret: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomText(6)}`
  try {
    writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
