import { createHmac, generateKeyPairSync, type KeyObject, constants as rsa, sign } from 'node:crypto'
import { CompactEncrypt } from 'jose'

export type Json = Record<string, unknown>
export type Signer = (input: string) => Buffer

/** A compact token with any header and payload: text is used as it is, an object is written as JSON. */
export function compact(header: Json | string, payload: Json | string, signer: Signer): string {
  const input = [header, payload].map(encode).join('.')
  return `${input}.${signer(input).toString('base64url')}`
}

export function encode(part: Json | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

export function rs256(key: KeyObject): Signer {
  return (input) => sign('sha256', Buffer.from(input), key)
}

const unsigned: Signer = () => Buffer.alloc(0)
const hmac =
  (hash: string, key: string | Buffer): Signer =>
  (input) =>
    createHmac(hash, key).update(input).digest()

export interface Genuine {
  readonly header: Json
  readonly claims: Json
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Forgeries of a genuine token with the same claims, by name; each one has to be refused (checks 12 and 13). */
export async function forgeries({ header, claims, privateKey, publicKey }: Genuine): Promise<[string, string][]> {
  const forged: [string, string][] = []
  const genuine = rs256(privateKey)
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })

  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    null,
    [],
    ['RS256'],
    { toString: 'RS256' },
    0,
    true,
    'rs256',
    'RS256 ',
    '\u0000RS256',
  ]) {
    forged.push([`alg ${JSON.stringify(alg)} unsigned`, compact({ ...header, alg }, claims, unsigned)])
    forged.push([`alg ${JSON.stringify(alg)} signed`, compact({ ...header, alg }, claims, genuine)])
  }
  const { alg: _alg, ...noAlg } = header
  forged.push(['no alg', compact(noAlg, claims, genuine)])

  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const pkcs1 = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const secrets: [string, string | Buffer][] = [
    ['SPKI PEM', spki],
    ['SPKI PEM trimmed', spki.trim()],
    ['SPKI PEM after a space', ` ${spki}`],
    ['SPKI PEM after a line break', `\n${spki}`],
    ['SPKI PEM after a byte order mark', `\ufeff${spki}`],
    ['PKCS1 PEM', pkcs1],
    ['SPKI DER', publicKey.export({ type: 'spki', format: 'der' })],
    ['PKCS1 DER', publicKey.export({ type: 'pkcs1', format: 'der' })],
    ['modulus', Buffer.from(String(publicKey.export({ format: 'jwk' }).n), 'base64url')],
    ['JWK', JSON.stringify(publicKey.export({ format: 'jwk' }))],
    ['nothing', ''],
  ]
  for (const [name, secret] of secrets) {
    for (const bits of ['256', '384', '512']) {
      forged.push([`HS${bits} keyed with ${name}`, compact({ ...header, alg: `HS${bits}` }, claims, hmac(`sha${bits}`, secret))])
    }
    forged.push([`RS256 header, HMAC keyed with ${name}`, compact(header, claims, hmac('sha256', secret))])
  }

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const ed = generateKeyPairSync('ed25519').privateKey
  const pss = { key: privateKey, padding: rsa.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  const signers: [string, Signer][] = [
    ['RS384', (input) => sign('sha384', Buffer.from(input), privateKey)],
    ['RS512', (input) => sign('sha512', Buffer.from(input), privateKey)],
    ['PS256', (input) => sign('sha256', Buffer.from(input), pss)],
    ['ES256', (input) => sign('sha256', Buffer.from(input), { key: ec, dsaEncoding: 'ieee-p1363' })],
    ['EdDSA', (input) => sign(null, Buffer.from(input), ed)],
    ['RS1', (input) => sign('sha1', Buffer.from(input), privateKey)],
  ]
  for (const [alg, signer] of signers) {
    forged.push([alg, compact({ ...header, alg }, claims, signer)])
    forged.push([`RS256 header, ${alg} signature`, compact(header, claims, signer)])
  }
  forged.push(["another's key", compact(header, claims, rs256(other.privateKey))])
  forged.push(['no signature', compact(header, claims, unsigned)])
  forged.push(['a signature of zeros', compact(header, claims, () => Buffer.alloc(256))])
  const jwe = new CompactEncrypt(Buffer.from(JSON.stringify(claims))).setProtectedHeader({
    alg: 'RSA-OAEP',
    enc: 'A256GCM',
    kid: String(header.kid),
  })
  forged.push(['RSA-OAEP JWE', await jwe.encrypt(publicKey)])

  const foreignJwk = other.publicKey.export({ format: 'jwk' })
  const extras: Json[] = [
    { jwk: foreignJwk },
    { jku: 'https://evil.example/jwks.json' },
    { x5u: 'https://evil.example/x5u' },
    { x5c: ['MII='] },
    { x5t: 'x' },
    { crit: ['exp'] },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { cty: 'JWT' },
    { enc: 'A256GCM' },
    { iss: claims.iss },
    { toString: 'x' },
  ]
  for (const extra of extras) {
    const name = `header with ${JSON.stringify(extra).slice(0, 40)}`
    forged.push([name, compact({ ...header, ...extra }, claims, genuine)])
    forged.push([`${name}, by another's key`, compact({ ...header, ...extra }, claims, rs256(other.privateKey))])
  }
  const kids = [
    '',
    '../../dev/null',
    '/etc/passwd',
    "' or 1=1 --",
    'https://evil.example/key',
    '__proto__',
    'constructor',
    'toString',
    'k'.repeat(2_000),
    1,
    null,
    [header.kid],
    { kid: header.kid },
    `${header.kid} `,
    String(header.kid).toLowerCase(),
  ]
  for (const kid of kids) forged.push([`kid ${JSON.stringify(kid).slice(0, 40)}`, compact({ ...header, kid }, claims, genuine)])
  const { kid: _kid, ...noKid } = header
  forged.push(['no kid', compact(noKid, claims, genuine)])
  for (const typ of ['at+jwt', 'jwt', 'JOSE', '', null, 1])
    forged.push([`typ ${JSON.stringify(typ)}`, compact({ ...header, typ }, claims, genuine)])
  const { typ: _typ, ...noTyp } = header
  forged.push(['no typ', compact(noTyp, claims, genuine)])

  const text = JSON.stringify(header)
  const spellings = [
    ` ${text}`,
    `${text}\n`,
    text.replace(',', ', '),
    `\ufeff${text}`,
    text.replace('RS256', '\\u0052S256'),
    text.replace('{', '{"alg":"none",'),
    '{}',
    '[]',
    'null',
    '"x"',
    '',
    '{',
    text.slice(0, -1),
  ]
  for (const spelling of spellings) forged.push([`header ${JSON.stringify(spelling).slice(0, 40)}`, compact(spelling, claims, genuine)])
  return forged
}

/** Claims that none of our tokens has, under a genuine signature (checks 15 and 16). `now` in seconds. */
export function wrongClaims(claims: Json, now: number): [string, Json | string][] {
  const wrong: [string, Json | string][] = []
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
  for (const name of Object.keys(claims)) {
    wrong.push([`no ${name}`, without(name)])
    for (const value of [null, '', [], [claims[name]], {}, true])
      wrong.push([`${name} ${JSON.stringify(value)}`, { ...claims, [name]: value }])
  }
  for (const name of ['iss', 'aud', 'token_use', 'sub', 'sid', 'jti']) wrong.push([`${name} a number`, { ...claims, [name]: 1 }])
  for (const name of ['exp', 'iat']) {
    wrong.push([`${name} a string`, { ...claims, [name]: String(claims[name]) }])
    for (const value of [-1, 1.5, Number(claims[name]) + 0.5, Number.MAX_SAFE_INTEGER + 1])
      wrong.push([`${name} ${value}`, { ...claims, [name]: value }])
    for (const literal of ['1e400', '-1e400', 'NaN']) {
      wrong.push([`${name} ${literal}`, JSON.stringify({ ...claims, [name]: '#' }).replace('"#"', literal)])
    }
  }
  const others: Json[] = [
    { iss: `${claims.iss}/` },
    { iss: String(claims.iss).toUpperCase() },
    { iss: 'https://evil.example' },
    { aud: 'merchant-api ' },
    { aud: 'Merchant-API' },
    { aud: ['merchant-api', 'lobbykey:refresh'] },
    { aud: 'lobbykey:refresh' },
    { token_use: 'refresh' },
    { token_use: 'refresh', aud: 'lobbykey:refresh' },
    { token_use: 'Access' },
    { token_use: 'id' },
    { iat: now + 6 },
    { nbf: now + 6 },
    { nbf: '0' },
    { nbf: null },
    { exp: claims.iat },
  ]
  for (const other of others) wrong.push([JSON.stringify(other), { ...claims, ...other }])
  for (const payload of ['', 'null', '[]', '"x"', '{', '{}']) wrong.push([`payload ${payload}`, payload])
  return wrong
}
