import { hash } from 'node:crypto'
import type { SigningHash } from '@lobbykey/contract'

/** Digest of a text's UTF-8. Goes through a string, because a Buffer made by Node costs as much as the hash itself. */
export function digest(algorithm: SigningHash | 'sha256', text: string): Buffer {
  return Buffer.from(hash(algorithm, text, 'binary'), 'binary')
}
