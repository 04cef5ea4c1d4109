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

const known: readonly (readonly [what: string, kind: MistakeKind, sign: string])[] = [
  ['one separator everywhere', 'another-form', md5(`${key}|${text.replaceAll('&', '|')}`)],
  ['name and value run together, the key on both ends', 'another-form', md5(`${key}${text.replace(/[&=]/g, '')}${key}`)],
  ['values alone between keys', 'another-form', md5(`${key}#${entries.map(([, value]) => value).join('#')}#${key}`)],
  ['the path before', 'request-line-signed', md5(`${key}&${memberLogin.path}?${text}`)],
  ['the method before the key', 'request-line-signed', md5(`POST&${key}&${text}`)],
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
  ['a blank within the key', 'key-whitespace', md5(`${key.slice(0, 8)} ${key.slice(8)}&${text}`)],
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
    })
    assert.deepEqual([told.kind, told.also], [kind, []])
  })
}
