import { hash } from 'node:crypto'
import { signatureDigits } from '@lobbykey/contract'
import { listed } from './mistake.ts'
import type { MistakeKind } from './mistake-kinds.ts'

/** One way to read the `sign` that was sent. */
export interface SignReading {
  /** What is wrong with how the digest is written, in one sentence; null if it is bare hex. */
  readonly fault: { readonly kind: MistakeKind; readonly sentence: string } | null
  /** The fewest and most hex digits that a matching digest can have. */
  readonly digitsMin: number
  readonly digitsMax: number
  /**
   * Whether this digest, in hex digits, is what was sent. Always the whole digest: if a part matched too, anyone who knows some digits
   * could find the rest one by one.
   */
  readonly isOf: (digest: string) => boolean
  /** Whether it is the first part of a digest of another hash, cut to the right length. */
  readonly isHeadOf: (digest: string) => boolean
}

/** Anything shorter is not a digest. */
const digestDigitsMin = 16

/** The longest is SHA-512 as a list of numbers. */
const signLengthMax = 512

/** Every reading of a `sign`: bare hex, and what people send instead. */
export function readSign(sign: string): SignReading[] {
  if (sign.length > signLengthMax || isLossyHex(sign)) return []
  const readings: SignReading[] = []
  const bare = sign.toLowerCase()
  if (isHex(bare)) readings.push(...withoutZeros(bare), reading(null, bare))
  for (const { kind, sentence, read } of disguises) {
    const told = typeof sentence === 'string' ? sentence : sentence(sign)
    for (const hex of read(sign)) if (isHex(hex)) readings.push(reading({ kind, sentence: told }, hex.toLowerCase()))
  }
  return readings
}

/** Whether bytes were lost before the hex was made: U+FFFD in UTF-8 replaces what is not text. */
export function isLossyHex(sign: string): boolean {
  return !signatureDigits.includes(sign.length) && /^[0-9a-f]*$/i.test(sign) && /efbfbd/i.test(sign)
}

const digestsOfNothing = ['md5', 'sha1', 'sha256', 'sha512'].map((name) => hash(name, '', 'hex'))

/** Whether it is a text followed by the digest of nothing, in hex or base64, as Go's `Sum(text)` gives. */
export function isAppendedToText(sign: string): boolean {
  const hex = /^[0-9a-f]+$/i.test(sign) ? sign.toLowerCase() : /^[\w+/-]+=*$/.test(sign) ? Buffer.from(sign, 'base64').toString('hex') : ''
  return digestsOfNothing.some((nothing) => hex.length > nothing.length && hex.endsWith(nothing))
}

function isHex(text: string): boolean {
  return text.length >= digestDigitsMin && /^[0-9a-f]+$/i.test(text)
}

function reading(fault: SignReading['fault'], hex: string): SignReading {
  const isHead = signatureDigits.includes(hex.length)
  return {
    fault,
    digitsMin: hex.length,
    digitsMax: hex.length,
    isOf: (digest) => digest === hex,
    isHeadOf: (digest) => isHead && digest.startsWith(hex),
  }
}

interface Disguise {
  readonly kind: MistakeKind
  readonly sentence: string | ((sign: string) => string)
  readonly read: (sign: string) => readonly string[]
}

const disguises: readonly Disguise[] = [
  { kind: 'sign-base64', sentence: 'sign is the digest in base64 instead of hex.', read: fromBase64 },
  {
    kind: 'sign-hex-twice',
    sentence: 'sign is the hex of the hex digits: the digest was turned into hex twice.',
    read: (sign) => (/^(?:[0-9a-f]{2})+$/i.test(sign) ? [Buffer.from(sign, 'hex').toString('latin1')] : []),
  },
  {
    kind: 'sign-decorated',
    sentence: (sign) => undecorate(sign).sentence,
    read: undecorated,
  },
  { kind: 'sign-as-numbers', sentence: "sign lists the digest's bytes as numbers instead of hex digits.", read: fromByteList },
  { kind: 'sign-as-numbers', sentence: 'sign is the digest as one number instead of hex digits.', read: fromNumber },
  {
    kind: 'sign-decorated',
    sentence: 'sign is the digest as a GUID: .NET writes its first eight bytes in another order.',
    read: (sign) => {
      const hex = sign.replace(/[-{}()\s]/g, '')
      return hex.length === 32 ? [hex.replace(/^(..)(..)(..)(..)(..)(..)(..)(..)/, '$4$3$2$1$6$5$8$7')] : []
    },
  },
  {
    kind: 'sign-as-numbers',
    sentence: 'sign is the digest as a list of 32-bit words, such as a WordArray of crypto-js, instead of hex digits.',
    read: fromWords,
  },
  { kind: 'sign-decorated', sentence: 'sign has the bytes of the digest in the opposite order.', read: reversed },
  { kind: 'sign-base64', sentence: 'sign is the digest in base32 instead of hex.', read: fromBase32 },
  {
    kind: 'sign-binary',
    sentence: "sign holds the digest's raw bytes instead of hex digits.",
    read: (sign) => (/[^ -~]/.test(sign) && /^[\0-\xff]{16,64}$/.test(sign) ? [Buffer.from(sign, 'latin1').toString('hex')] : []),
  },
]

function fromBase64(sign: string): string[] {
  const text = sign
    .trim()
    .replace(/^b?(["'])(.*)\1$/s, '$2')
    .replace(/%2B/gi, '+')
    .replace(/%2F/gi, '/')
    .replace(/%3D/gi, '=')
    .replaceAll(' ', '+')
  if (!/^[A-Za-z0-9+/_-]{11,}={0,2}$/.test(text)) return []
  const bytes = Buffer.from(text, 'base64')
  // Base64 of the digits is as common as base64 of the bytes. 64 hex digits are also valid base64, but hardly meant so.
  return /^[0-9a-f]+$/i.test(text) ? [] : [bytes.toString('hex'), bytes.toString('latin1')]
}

/** What may be around or within the digits, removed one after the other. */
const decorations: readonly (readonly [off: (text: string) => string, words: string])[] = [
  [(text) => text.trim(), 'has a space or line break around it'],
  [(text) => unwrapped(text, ["b'", 'b"']), "is printed as Python prints bytes, b'…'"],
  [(text) => unwrapped(text, ['"', "'"]), 'stands in quotes'],
  [(text) => unwrapped(text, ['{', '[', '(', '<']), 'stands in braces or brackets'],
  [(text) => text.replace(/^(?:Bearer|Basic|Digest|sign|md5|hmac)\s{1,4}/i, ''), 'has a word such as Bearer before it'],
  [
    (text) => text.replace(/^(?![0-9A-Fa-f]{2}:)[A-Za-z0-9-]{0,20}\s?(?:\([^\s)]{0,64}\))?\s?[=:]\s{0,4}/, ''),
    'has a label before it, as openssl prints one',
  ],
  [
    (text) => text.replace(/\s\S*$/, (end) => (/^\s\*?-$|\../.test(end) ? '' : end)).trim(),
    'has the name of a file after it, as md5sum prints one',
  ],
  [(text) => text.replace(/^(?:0x|\\x)/i, ''), 'has 0x before it'],
  [(text) => text.replaceAll('-', ''), 'has dashes in it, as in a UUID'],
  [(text) => text.replace(/\\x|0x/g, ''), 'has \\x or 0x before each byte'],
  [(text) => text.replace(/[\s:,]/g, ''), 'has separators between its bytes'],
]

function unwrapped(text: string, opens: readonly string[]): string {
  const open = opens.find((one) => text.startsWith(one)) ?? ''
  const close = { '{': '}', '[': ']', '(': ')', '<': '>' }[open] ?? open.slice(-1)
  return open !== '' && text.length > open.length && text.endsWith(close) ? text.slice(open.length, -1) : text
}

/** The bare digits, and what was removed, in words. */
export function undecorate(sign: string): { readonly bare: string; readonly sentence: string } {
  let bare = sign
  const words: string[] = []
  for (const [off, told] of decorations) {
    const without = off(bare)
    if (without !== bare) words.push(told)
    bare = without
  }
  return { bare, sentence: `sign is not bare hex digits: it ${listed(words)}.` }
}

function undecorated(sign: string): string[] {
  const { bare } = undecorate(sign)
  return sign.toLowerCase() === bare.toLowerCase() ? [] : [bare]
}

function fromByteList(sign: string): string[] {
  // Optionally a name such as Buffer, then numbers with something between them.
  const list = sign.replace(/^(?:[^0-9A-Za-z-]*[A-Za-z]{1,10})?[^0-9A-Za-z-]*/, '')
  if (!/^-?[0-9]+[,;\s]/.test(list)) return []
  const numbers = list.match(/-?[0-9]+/g) ?? []
  const bytes = numbers.map(Number)
  if (bytes.some((byte) => byte < -128 || byte > 255)) return []
  return [Buffer.from(bytes.map((byte) => byte & 0xff)).toString('hex')]
}

function fromWords(sign: string): string[] {
  const numbers = (/\[([-\d,\s]+)\]/.exec(sign)?.[1] ?? sign).match(/-?\d+/g) ?? []
  if (!/^[^a-zA-Z]*(?:"?words"?[^a-zA-Z]*)?(?:"?sigBytes"?[^a-zA-Z]*)?$/.test(sign) || numbers.length < 4 || numbers.length > 16) return []
  return [numbers.map((word) => (Number(word) >>> 0).toString(16).padStart(8, '0')).join('')]
}

function reversed(sign: string): string[] {
  return /^(?:[0-9a-f]{2}){16,}$/i.test(sign) ? [(sign.match(/../g) ?? []).reverse().join('')] : []
}

function fromBase32(sign: string): string[] {
  if (!/^[A-Z2-7]{26,103}=*$/.test(sign)) return []
  const bits = [...sign.replaceAll('=', '')]
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('')
  return [(bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('')]
}

/** A decimal number, or Java's BigInteger of signed bytes, which has a minus when the first of them is above 127. */
function fromNumber(sign: string): string[] {
  const isHex = /^-[0-9a-f]{17,64}$/i.test(sign)
  if (!isHex && !/^-?[0-9]{30,78}$/.test(sign)) return []
  const absolute = BigInt((isHex ? '0x' : '') + sign.replace('-', ''))
  return [128, 160, 256].map((bits) =>
    BigInt.asUintN(bits, sign.startsWith('-') ? -absolute : absolute)
      .toString(16)
      .padStart(bits / 4, '0'),
  )
}

/** As in Java and Go: each byte without its leading zero, signed bytes widened to `ffffff9d`, or the whole as a number. */
function withoutZeros(hex: string): SignReading[] {
  if (signatureDigits.includes(hex.length)) return []
  const sentence = 'sign has lost zeros: bytes below 16, or the digest as one number, were printed without them.'
  const narrow = hex.replace(/ffffff([89a-f][0-9a-f])/g, '$1')
  const isOf = (digest: string) =>
    digest.length > narrow.length
      ? digest.replace(/0(.)|(..)/g, '$1$2') === narrow || digest.replace(/^0+/, '') === narrow
      : digest.length === narrow.length && narrow !== hex && digest === narrow
  // At most every second digit is a lost zero.
  return [
    { fault: { kind: 'sign-zeros-lost', sentence }, digitsMin: narrow.length, digitsMax: 2 * narrow.length, isOf, isHeadOf: () => false },
  ]
}
