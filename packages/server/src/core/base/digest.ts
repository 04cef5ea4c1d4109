import { hash } from 'node:crypto'
import type { SigningHash } from '@lobbykey/contract'

/** The bytes of a digest over a text's UTF-8. By way of a string, because a Buffer that node makes itself costs as much again as the hash. */
export function digest(algorithm: SigningHash | 'sha256', text: string): Buffer {
  return Buffer.from(hash(algorithm, text, 'binary'), 'binary')
}
