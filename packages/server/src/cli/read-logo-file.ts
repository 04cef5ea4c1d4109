import { readFile, stat } from 'node:fs/promises'
import { GatewayError, parameterError } from '@lobbykey/contract'
import { logoBytesMax } from '@lobbykey/contract/admin'
import { unreadable } from './read-input.ts'

/** A logo's file in base64; larger files are not read. @throws GatewayError not_found, invalid_parameter */
export async function readLogoFile(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > logoBytesMax) throw parameterError(file, `is larger than ${logoBytesMax / 1024} KiB`)
    return (await readFile(file)).toString('base64')
  } catch (error) {
    throw error instanceof GatewayError ? error : unreadable(file, error)
  }
}
