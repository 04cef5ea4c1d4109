import { readFile, stat } from 'node:fs/promises'
import { GatewayError, parameterError } from '@lobbykey/contract'
import { logoBytesMax } from '@lobbykey/contract/admin'

/** A logo's file in base64; nothing larger than a logo may be is read. @throws GatewayError not_found, invalid_parameter */
export async function readLogoFile(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > logoBytesMax) throw parameterError(file, `is larger than ${logoBytesMax / 1024} KiB`)
    return (await readFile(file)).toString('base64')
  } catch (error) {
    if (error instanceof GatewayError) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new GatewayError('not_found', { message: `there is no file ${file}` })
    throw new GatewayError('invalid_parameter', { message: `${file} cannot be read (${code ?? 'for a reason unknown'})` }, error)
  }
}
