import { generateKeyPairSync, sign } from 'node:crypto'
import { promisify } from 'node:util'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const header = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: 'k'.repeat(43) })).toString('base64url')
const signAsync = promisify(sign)
let serial = 0

/** An access and a refresh token, signed on this thread. */
export function pairSignedInline(): [string, string] {
  return [sealInline(unsigned('access')), sealInline(unsigned('refresh'))]
}

/** The same, signed in parallel on libuv's threads. */
export function pairSignedInPool(): Promise<[string, string]> {
  return Promise.all([sealInPool(unsigned('access')), sealInPool(unsigned('refresh'))])
}

function unsigned(use: string): string {
  const iat = Math.floor(Date.now() / 1_000)
  const claims = {
    iss: 'http://127.0.0.1:8080',
    sub: 's'.repeat(22),
    aud: 'merchant-api',
    iat,
    exp: iat + 86_400,
    jti: String(++serial).padStart(43, 'j'),
    sid: 'i'.repeat(22),
    token_use: use,
  }
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
}

function sealInline(text: string): string {
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

async function sealInPool(text: string): Promise<string> {
  return `${text}.${(await signAsync('sha256', Buffer.from(text), privateKey)).toString('base64url')}`
}
