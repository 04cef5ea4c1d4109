/** Mistakes known from the field, each as it was made. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { memberLogin } from '@lobbykey/contract'
import { explainSignature, type MistakeKind } from '../../../src/core/explain/explain-signature.ts'

const key = 'ownKey0123456789'
const fields = {
  agent_id: 'agent001',
  user_id: 'uid001',
  token: 'tokena8c2aaef3880162a',
  platform: 'h5',
  language: 'en-US',
  currency: 'VND2',
  timestamp: 1_734_417_873_301,
  game_code: '101',
}
const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
const text = entries.map(([name, value]) => `${name}=${value}`).join('&')
const md5 = (signed: string) => createHash('md5').update(signed).digest('hex')
const right = md5(`${key}&${text}`)
const withValue = (name: keyof typeof fields, value: string) => md5(`${key}&${text.replace(`${name}=${fields[name]}`, `${name}=${value}`)}`)

const origin = 'https://login.example.com'

function nameUuid(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x30
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const known: readonly (readonly [what: string, kind: MistakeKind, sign: string])[] = [
  ['one separator everywhere', 'another-form', md5(`${key}|${text.replaceAll('&', '|')}`)],
  ['name and value run together, the key on both ends', 'another-form', md5(`${key}${text.replace(/[&=]/g, '')}${key}`)],
  ['values alone between keys', 'another-form', md5(`${key}#${entries.map(([, value]) => value).join('#')}#${key}`)],
  ['the path before', 'request-line-signed', md5(`${key}&${memberLogin.path}?${text}`)],
  ['the method before the key', 'request-line-signed', md5(`POST&${key}&${text}`)],
  ['the host before', 'request-line-signed', md5(`${key}&${new URL(origin).host}&${text}`)],
  ['the URL before, the key after', 'request-line-signed', md5(`${key}&${origin}${memberLogin.path}?${text}`)],
  ['a variable in place of the fields', 'nothing-signed', md5(`${key}&$canonical`)],
  ['a template with the key in it', 'value-unset', md5(`$key&${entries.map(([name]) => `${name}=$${name}`).join('&')}`)],
  ['JSON with a list of names', 'object-signed', md5(`${key}&${JSON.stringify(fields, Object.keys(fields).sort())}`)],
  ['%s of a number in Go', 'number-reprinted', withValue('timestamp', '%!s(int64=1734417873301)')],
  ['Arabic thousands', 'number-reprinted', withValue('timestamp', '١٬٧٣٤٬٤١٧٬٨٧٣٬٣٠١')],
  ["Python's time.time()", 'timestamp-signed-in-another-unit', withValue('timestamp', '1734417873.3012347')],
  ["PHP's microtime()", 'timestamp-signed-in-another-unit', withValue('timestamp', '0.30112300 1734417873')],
  ['microseconds', 'timestamp-signed-in-another-unit', withValue('timestamp', '1734417873301123')],
  ['the clock read twice, seconds apart', 'timestamp-read-twice', withValue('timestamp', '1734417869857')],
  ['a line of a shell', 'key-quoted', md5(`export MERCHANT_KEY=${key}&${text}`)],
  ['a key and a comment', 'key-quoted', md5(`${key} # production&${text}`)],
  ['the key among the fields', 'key-at-end', md5(`${entries[0]?.join('=')}&${key}&${text.slice(text.indexOf('&') + 1)}`)],
  ['values without anything between', 'another-form', md5(key + entries.map(([, value]) => value).join(''))],
  ['digits parted by colons', 'sign-decorated', right.toUpperCase().replace(/..(?=.)/g, '$&:')],
  [
    "PHP's sort in place of ksort",
    'names-changed',
    md5(
      `${key}&${Object.values(fields)
        .map(String)
        .sort()
        .map((value, at) => `${at}=${value}`)
        .join('&')}`,
    ),
  ],
  ["Python's list", 'separators', md5(`${key}&['${text.replaceAll('&', "', '")}']`)],
  ["Go's slice of values", 'values-only', md5(`${key}&[${entries.map(([, value]) => value).join(' ')}]`)],
  ["Go's bytes", 'text-wrapped', md5(`[${Buffer.from(`${key}&${text}`).join(' ')}]`)],
  ['names alone', 'separators', md5(`${key}&${entries.map(([name]) => name).join('&')}`)],
  ['the last character cut off', 'text-cut', md5(`${key}&${text.slice(0, -1)}`)],
  ['one value in quotes', 'value-quoted', withValue('user_id', '"uid001"')],
  ['a date of another zone', 'timestamp-signed-in-another-unit', withValue('timestamp', '2024-12-17T14:44:33+08:00')],
  ['the date of a header', 'timestamp-signed-in-another-unit', withValue('timestamp', 'Tue, 17 Dec 2024 06:44:33 GMT')],
  ["Go's time as text", 'timestamp-signed-in-another-unit', withValue('timestamp', '2024-12-17 06:44:33.301 +0000 UTC')],
  ['minutes', 'timestamp-signed-in-another-unit', withValue('timestamp', '28906964')],
  ['SHA3-384', 'wrong-hash', createHash('sha3-384').update(`${key}&${text}`).digest('hex')],
  ["Go's Sum(text)", 'sign-appended', Buffer.from(`${key}&${text}`).toString('hex') + md5('')],
  ["Java's nameUUIDFromBytes", 'sign-decorated', nameUuid(right)],
  ['sign_type in', 'unsigned-field-signed', md5(`${key}&${text.replace('&timestamp', '&sign_type=MD5&timestamp')}`)],
  ['a template', 'value-unset', md5(`${key}&${entries.map(([name]) => `${name}={{${name}}}`).join('&')}`)],
  ['one variable as it stands', 'value-unset', withValue('token', '$' + '{token}')],
  ['Optional[…]', 'value-quoted', withValue('game_code', 'Optional[101]')],
  ["an enum's constant", 'value-changed', withValue('platform', 'Platform.H5')],
  ['Arabic digits', 'number-reprinted', withValue('timestamp', '١٧٣٤٤١٧٨٧٣٣٠١')],
  ['hh for HH', 'timestamp-signed-in-another-unit', withValue('timestamp', '2024-12-17 02:44:33')],
  [
    'a class as Lombok prints it',
    'object-signed',
    md5(
      `${key}&LoginRequest(${Object.entries(fields)
        .map(([name, value]) => `${name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())}=${value}`)
        .join(', ')})`,
    ),
  ],
  ['typographic quotes', 'key-quoted', md5(`“${key}”&${text}`)],
  ['a line of a configuration', 'key-quoted', md5(`KEY: ${key}&${text}`)],
  ['a space within the key', 'key-whitespace', md5(`${key.slice(0, 8)} ${key.slice(8)}&${text}`)],
  ['a secret of Kubernetes', 'key-transformed', md5(`${btoa(`${key}\n`)}&${text}`)],
  ['echo', 'whitespace', md5(`${key}&${text}\n`)],
  ['a UUID', 'sign-decorated', right.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')],
  ['a GUID of .NET', 'sign-decorated', right.replace(/^(..)(..)(..)(..)(..)(..)(..)(..)(..)(..)/, '$4$3$2$1-$6$5-$8$7-$9$10-')],
  ['Bearer', 'sign-decorated', `Bearer ${right}`],
  ['md5sum', 'sign-decorated', `${right}  -`],
  ['openssl', 'sign-decorated', `MD5(stdin)= ${right}`],
  ['braces', 'sign-decorated', `{${right}}`],
  [
    'a WordArray',
    'sign-as-numbers',
    JSON.stringify({ words: (right.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16) | 0), sigBytes: 16 }),
  ],
]

for (const [what, kind, sign] of known) {
  test(`known from the field: ${what}`, () => {
    const body = JSON.stringify({ ...fields, sign })
    const told = explainSignature({
      call: memberLogin,
      body,
      keys: { active: [key] },
      profile: { algorithm: 'md5', callback: 'unsigned' },
      now: null,
      origin,
    })
    assert.deepEqual([told.kind, told.also], [kind, []])
  })
}
