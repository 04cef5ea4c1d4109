import type { SignedCall, SigningProfile } from '@lobbykey/contract'
import { gameList, guestLogin, memberCreate, memberLock, memberLogin, memberLogout, memberUpdate } from '@lobbykey/contract'
import fc from 'fast-check'

/** A request before it is signed, with all that its merchant knows. */
export interface Request {
  readonly call: SignedCall
  readonly profile: SigningProfile
  /** In the order of the body; without sign. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly key: string
  readonly retiredKey: string
  readonly foreignKey: string
  /** Any number, for whoever makes a choice. */
  readonly dice: number
}

const alphanumeric = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789']
const text = (chars: readonly string[] | string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...chars), minLength, maxLength })

const key = fc.oneof(text(alphanumeric, 16, 16), text(alphanumeric, 32, 32))
const agentId = fc.oneof(
  fc.integer({ min: 1, max: 999 }).map((n) => `agent${n}`),
  text('ABCDEFGHJKLMNPQRSTUVWXYZ', 4, 8),
)
const userId = fc.oneof(
  fc.integer({ min: 1, max: 99_999 }).map((n) => `uid${n}`),
  text(alphanumeric, 6, 12),
  text('abcdefghij_', 5, 20),
)
const token = fc.oneof(
  text('0123456789abcdef', 16, 16).map((hex) => `token${hex}`),
  text('0123456789abcdef', 31, 31),
  text([...alphanumeric, '-', '_'], 21, 21),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.uint8Array({ minLength: 8, maxLength: 10 }).map((bytes) => encodeURIComponent(Buffer.from(bytes).toString('base64')).slice(0, 31)),
  text([...'abcXYZ019!#$%()*+,-./:;<=>?@[]^_{|}~"\''], 12, 24),
)
const path = fc.oneof(
  fc.constant(''),
  fc.constant('/'),
  fc.constant('/home'),
  fc.constant('/back/to?from=lobby'),
  fc.constant('/móvil/início'),
)
const callback = fc
  .tuple(fc.constantFrom('h5.example.com', 'm.games.example', 'play.example.org:8443'), path)
  .map(([host, rest]) => `https://${host}${rest}`)
const limits = fc
  .uniqueArray(fc.constantFrom('USD_101', 'VND_101', 'USD_102', 'VND2_101', 'EUR_103'), { minLength: 1, maxLength: 3 })
  .map((names) => Object.fromEntries(names.map((name, index) => [name, `11010${index + 1},11020${index + 2}`])))
const gameCode = fc.constantFrom('101', '102-DYfsRc', 'rand-101', '103-A1_b', '')

const timestampMs = fc.integer({ min: 1_700_000_000_000, max: 1_790_000_000_000 })
const timestamp = fc.oneof({ weight: 4, arbitrary: timestampMs }, { weight: 1, arbitrary: timestampMs.map(String) })
/** Absent, empty or there. */
const optional = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 5, arbitrary: value },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('', null) },
  )

const language = fc.constantFrom('en-US', 'zh-CN', 'vi-VN', 'th-TH', 'pt-BR', 'id-ID', 'en', 'zh-Hant-TW')
const currency = fc.constantFrom('VND2', 'USD', 'VND', 'THB', 'EUR', 'IDR2')

const platform = fc.constantFrom('ios', 'android', 'h5', 'web')

const loginFields = fc.record({
  agent_id: agentId,
  user_id: userId,
  token,
  platform,
  language,
  currency,
  timestamp,
  game_code: optional(gameCode),
  callback: optional(callback),
  limits: optional(limits),
  custom_language: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('en-US>en-play') }),
})
const desc = fc.constantFrom('a test user', 'VIP', ' padded ', 'new_user 01')
const createFields = fc.record({
  agent_id: agentId,
  user_id: userId,
  user_name: text(alphanumeric, 4, 16),
  desc: optional(desc),
  timestamp,
})
const lockFields = fc.record({ agent_id: agentId, user_id: userId, status: fc.constantFrom('Active', 'LockBet', 'LockAll'), timestamp })
const logoutFields = fc.record({ agent_id: agentId, user_id: userId, timestamp })

const guestFields = fc.record({
  agent_id: agentId,
  platform,
  language,
  currency,
  timestamp,
  game_code: optional(gameCode),
  amount: fc.constantFrom('1000.12', '1000', '50.50', undefined),
  callback: optional(callback),
})
const gameListFields = fc.record({ agent_id: agentId, game_id: fc.constantFrom('101', '102', undefined), timestamp })

const callAndFields: fc.Arbitrary<readonly [SignedCall, Record<string, unknown>]> = fc.oneof(
  { weight: 7, arbitrary: loginFields.map((fields) => [memberLogin, fields] as const) },
  { weight: 2, arbitrary: createFields.map((fields) => [memberCreate, fields] as const) },
  { weight: 1, arbitrary: createFields.map((fields) => [memberUpdate, fields] as const) },
  { weight: 2, arbitrary: guestFields.map((fields) => [guestLogin, fields] as const) },
  { weight: 1, arbitrary: gameListFields.map((fields) => [gameList, fields] as const) },
  { weight: 1, arbitrary: lockFields.map((fields) => [memberLock, fields] as const) },
  { weight: 1, arbitrary: logoutFields.map((fields) => [memberLogout, fields] as const) },
)

export const anyRequest: fc.Arbitrary<Request> = fc
  .record({
    callAndFields,
    order: fc.infiniteStream(fc.nat(1_000_000)),
    isShuffled: fc.boolean(),
    profile: fc.record({
      algorithm: fc.constantFrom('md5', 'md5', 'md5', 'hmac-sha256'),
      callback: fc.constantFrom('unsigned', 'unsigned', 'signed'),
    }),
    key,
    retiredKey: key,
    foreignKey: key,
    dice: fc.nat(1_000_000_000),
  })
  .map(({ callAndFields: [call, given], order, isShuffled, ...rest }) => {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined)
    const ranked = entries.map((entry) => ({ entry, rank: order.next().value ?? 0 }))
    if (isShuffled) ranked.sort((a, b) => a.rank - b.rank)
    return { ...rest, call, fields: Object.fromEntries(ranked.map(({ entry }) => entry)) } as Request
  })
