import type { Sealer } from '../base/sealer.ts'

const bytesMax = 16_384
const purpose = 'traced-request'

/**
 * Encrypts a request that was refused for its signature, so that its trace can later explain it. It contains member fields, which traces
 * do not show. Undefined when it is too long.
 */
export function sealRequest(sealer: Sealer, text: string): string | undefined {
  const bytes = Buffer.from(text)
  return bytes.length > bytesMax ? undefined : Buffer.from(sealer.seal(bytes, purpose)).toString('base64')
}

export function openRequest(sealer: Sealer, { keptRequest }: { readonly keptRequest?: string | undefined }): string | null {
  return keptRequest === undefined ? null : Buffer.from(sealer.open(Buffer.from(keptRequest, 'base64'), purpose)).toString('utf8')
}
