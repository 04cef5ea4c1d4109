// Written by `npm run clients` from packages/contract. Do not edit.

export const facts = {
  calls: {
    login: {
      method: 'POST',
      path: '/api/member/login',
      fields: ['user_id', 'token', 'platform', 'language', 'currency', 'game_code', 'callback', 'limits', 'custom_language'],
      signed: {
        unsigned: ['agent_id', 'currency', 'game_code', 'language', 'platform', 'timestamp', 'token', 'user_id'],
        signed: ['agent_id', 'callback', 'currency', 'game_code', 'language', 'platform', 'timestamp', 'token', 'user_id'],
      },
      clearable: [],
      answers: {
        url: 'string',
        token: 'string',
      },
    },
    create: {
      method: 'POST',
      path: '/api/member/create',
      fields: ['user_id', 'user_name', 'desc'],
      signed: {
        unsigned: ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
        signed: ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
      },
      clearable: [],
      answers: {},
    },
    update: {
      method: 'POST',
      path: '/api/member/update',
      fields: ['user_id', 'user_name', 'desc'],
      signed: {
        unsigned: ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
        signed: ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
      },
      clearable: ['desc'],
      answers: {},
    },
    lock: {
      method: 'POST',
      path: '/api/member/lock',
      fields: ['user_id', 'status'],
      signed: {
        unsigned: ['agent_id', 'status', 'timestamp', 'user_id'],
        signed: ['agent_id', 'status', 'timestamp', 'user_id'],
      },
      clearable: [],
      answers: {},
    },
    logout: {
      method: 'POST',
      path: '/api/member/logout',
      fields: ['user_id'],
      signed: {
        unsigned: ['agent_id', 'timestamp', 'user_id'],
        signed: ['agent_id', 'timestamp', 'user_id'],
      },
      clearable: [],
      answers: {},
    },
    guest_login: {
      method: 'POST',
      path: '/api/guest/login',
      fields: ['platform', 'language', 'currency', 'game_code', 'amount', 'callback'],
      signed: {
        unsigned: ['agent_id', 'amount', 'callback', 'currency', 'game_code', 'language', 'platform', 'timestamp'],
        signed: ['agent_id', 'amount', 'callback', 'currency', 'game_code', 'language', 'platform', 'timestamp'],
      },
      clearable: [],
      answers: {
        url: 'string',
        token: 'string',
      },
    },
    game_list: {
      method: 'GET',
      path: '/api/game/list',
      fields: ['game_id'],
      signed: {
        unsigned: ['agent_id', 'game_id', 'timestamp'],
        signed: ['agent_id', 'game_id', 'timestamp'],
      },
      clearable: [],
      answers: {
        list: 'array',
      },
    },
    limit_list: {
      method: 'GET',
      path: '/api/red/limit/list',
      fields: ['game_id', 'currency'],
      signed: {
        unsigned: ['agent_id', 'currency', 'game_id', 'timestamp'],
        signed: ['agent_id', 'currency', 'game_id', 'timestamp'],
      },
      clearable: [],
      answers: {
        list: 'array',
      },
    },
  },
  memberCodes: [
    {
      code: 408000,
      text: 'Request Parameter Error',
      status: 421,
      key: 'host_not_served',
      retry: 'fix',
      cure: 'Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
    },
    {
      code: 408000,
      text: 'Request Parameter Error: send Content-Type application/json, in UTF-8, without Content-Encoding',
      status: 415,
      key: 'unsupported_media_type',
      retry: 'fix',
      cure: 'Send Content-Type: application/json and no Content-Encoding.',
    },
    {
      code: 408000,
      text: 'Request Parameter Error: the body is larger than 16 KiB',
      status: 413,
      key: 'body_too_large',
      retry: 'fix',
      cure: 'Send only the fields of the call.',
    },
    {
      code: 408000,
      text: 'Request Parameter Error: the path does not take this method',
      status: 405,
      key: 'method_not_allowed',
      retry: 'fix',
      cure: 'Use the method that the Allow header names.',
    },
    {
      code: 408000,
      text: 'Request Parameter Error: no such path',
      status: 404,
      key: 'path_not_found',
      retry: 'fix',
      cure: 'Compare the path with the reference; paths are case sensitive and have no trailing slash.',
    },
    {
      code: 408000,
      text: 'Request Parameter Error',
      status: 0,
      key: 'invalid_parameter',
      retry: 'fix',
      cure: 'The message names the field and its rule.',
    },
    {
      code: 408003,
      text: 'Whitelist Restriction',
      status: 0,
      key: 'address_not_allowed',
      retry: 'fix',
      cure: 'Ask the operator to add the address in the message.',
    },
    {
      code: 408004,
      text: 'API Rate Limit: the server is at its limit',
      status: 503,
      key: 'queue_full',
      retry: 'later',
      cure: 'Wait for Retry-After seconds, then repeat the same request.',
    },
    {
      code: 408004,
      text: 'API Rate Limit',
      status: 0,
      key: 'rate_limited',
      retry: 'later',
      cure: 'Wait for Retry-After seconds, then repeat the same request.',
    },
    {
      code: 600100,
      text: 'Invalid Signature',
      status: 0,
      key: 'bad_signature',
      retry: 'fix',
      cure: 'Compare your canonical string with `lobbykey sign`, or let `lobbykey explain` name the mistake.',
    },
    {
      code: 700101,
      text: 'Merchant Not Found',
      status: 0,
      key: 'merchant_not_found',
      retry: 'fix',
      cure: 'Check agent_id; it is case sensitive.',
    },
    {
      code: 700102,
      text: 'Member Exists',
      status: 0,
      key: 'member_exists',
      retry: 'no',
      cure: 'Nothing, or use update.',
    },
    {
      code: 700103,
      text: 'User Not Found',
      status: 0,
      key: 'member_not_found',
      retry: 'fix',
      cure: 'Create the member first.',
    },
    {
      code: 700105,
      text: 'Lock Failed: the lock could not be written, retry',
      status: 503,
      key: 'lock_failed',
      retry: 'later',
      cure: 'Repeat the same request after Retry-After; repeating is safe.',
    },
    {
      code: 700106,
      text: 'Login Failed: service unavailable, retry',
      status: 503,
      key: 'store_unavailable',
      retry: 'later',
      cure: 'Repeat the same request after Retry-After; repeating is safe.',
    },
    {
      code: 700106,
      text: 'Login Failed: internal error',
      status: 500,
      key: 'internal',
      retry: 'later',
      cure: 'Try again later; give the operator the X-Request-Id.',
    },
    {
      code: 700106,
      text: 'Login Failed',
      status: 0,
      key: 'login_refused',
      retry: 'fix',
      cure: 'Generate a new random token and sign again.',
    },
    {
      code: 700108,
      text: 'User Prohibited from Login',
      status: 0,
      key: 'member_locked',
      retry: 'no',
      cure: 'Unlock the member: set a status that allows logins.',
    },
    {
      code: 700208,
      text: "Currency Not in Merchant's Selected Currency List",
      status: 0,
      key: 'currency_not_allowed',
      retry: 'fix',
      cure: 'Use a currency that is set up for the merchant.',
    },
    {
      code: 700270,
      text: 'Bet Limits Error',
      status: 0,
      key: 'bet_limits',
      retry: 'fix',
      cure: 'The message names the key and the ID. Choose from the bet-limit list, in its order.',
    },
  ],
  sellerCodes: [
    {
      code: '10001',
      text: 'URL not found',
      status: 405,
      key: 'method_not_allowed',
      retry: 'fix',
      cure: 'Use the method that the Allow header names.',
    },
    {
      code: '10001',
      text: 'URL not found',
      status: 404,
      key: 'path_not_found',
      retry: 'fix',
      cure: 'Compare the path with the reference; paths are case sensitive and have no trailing slash.',
    },
    {
      code: '10002',
      text: 'JSON parsing error: send Content-Type application/json, in UTF-8, without Content-Encoding',
      status: 415,
      key: 'unsupported_media_type',
      retry: 'fix',
      cure: 'Send Content-Type: application/json and no Content-Encoding.',
    },
    {
      code: '10002',
      text: 'JSON parsing error: the body is larger than 16 KiB',
      status: 413,
      key: 'body_too_large',
      retry: 'fix',
      cure: 'Send only the fields of the call.',
    },
    {
      code: '10002',
      text: 'JSON parsing error',
      status: 400,
      key: 'invalid_body',
      retry: 'fix',
      cure: 'Send one JSON object in UTF-8, each key once. The message says what is wrong.',
    },
    {
      code: '10003',
      text: 'Signature verification failed',
      status: 401,
      key: 'seller_signature_invalid',
      retry: 'fix',
      cure: 'Does not occur today.',
    },
    {
      code: '10004',
      text: 'Service unavailable, retry',
      status: 503,
      key: 'store_unavailable',
      retry: 'later',
      cure: 'Repeat the same request after Retry-After; repeating is safe.',
    },
    {
      code: '10005',
      text: 'Request parameter error',
      status: 421,
      key: 'host_not_served',
      retry: 'fix',
      cure: 'Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
    },
    {
      code: '10005',
      text: 'Request parameter error',
      status: 400,
      key: 'invalid_parameter',
      retry: 'fix',
      cure: 'The message names the field and its rule.',
    },
    {
      code: '10006',
      text: 'Email or password is incorrect',
      status: 401,
      key: 'bad_credentials',
      retry: 'fix',
      cure: 'Check both; if they are right, ask the operator whether the account is enabled and unlocked.',
    },
    {
      code: '10007',
      text: 'Too many requests',
      status: 429,
      key: 'throttled',
      retry: 'later',
      cure: 'Wait for Retry-After seconds.',
    },
    {
      code: '10008',
      text: 'Access token is missing or invalid',
      status: 401,
      key: 'access_token_invalid',
      retry: 'login',
      cure: 'Send Authorization: Bearer with the accessToken of the last login or refresh.',
    },
    {
      code: '10009',
      text: 'Access token has expired',
      status: 401,
      key: 'access_token_expired',
      retry: 'login',
      cure: 'Refresh, then repeat the call.',
    },
    {
      code: '10010',
      text: 'Access token has been revoked',
      status: 401,
      key: 'access_token_revoked',
      retry: 'login',
      cure: 'Log in again.',
    },
    {
      code: '10011',
      text: 'Refresh token is not valid',
      status: 401,
      key: 'refresh_token_invalid',
      retry: 'login',
      cure: 'Log in again; keep only the newest refresh token.',
    },
    {
      code: '10012',
      text: 'Login is busy, retry',
      status: 503,
      key: 'login_busy',
      retry: 'later',
      cure: 'Wait for Retry-After seconds. Reuse your token instead of logging in for each call.',
    },
    {
      code: '10013',
      text: 'Reset token is not valid',
      status: 401,
      key: 'reset_token_invalid',
      retry: 'no',
      cure: 'Ask the operator for a new link.',
    },
    {
      code: '10099',
      text: 'Internal error',
      status: 500,
      key: 'internal',
      retry: 'later',
      cure: 'Try again later; give the operator the X-Request-Id.',
    },
  ],
  algorithms: {
    md5: {
      hash: 'md5',
      keyUse: 'key-in-text',
    },
    'hmac-sha256': {
      hash: 'sha256',
      keyUse: 'hmac',
    },
  },
  sellerPath: '/merchant-api/seller/auth',
  timestampWindowMs: 600000,
  serverClock: "the server's clock, ([0-9]{13})",
  baseUrl: '^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._,;=:@+/-]*)?$',
  accessToken: '^[A-Za-z0-9._~+/=-]+$',
}

/** The published example: what a library that signs right signs. */
export const vector = {
  key: 'l4gnD61pz4arJyv8',
  fields: {
    agent_id: 'agent001',
    user_id: 'testUid03',
    user_name: 'testUser',
    desc: 'a test user',
    timestamp: 1734486159402,
  },
  text: 'l4gnD61pz4arJyv8&agent_id=agent001&desc=a test user&timestamp=1734486159402&user_id=testUid03&user_name=testUser',
  digests: {
    md5: '9d356beca8874e340721cc3e269863bd',
    'hmac-sha256': '8731c9be76a30e717e6fafee5e93197029376872b074e058bcd67fd677b94b81',
  },
}

export interface LoginFields {
  /** Merchant user ID */
  readonly user_id: string
  /** Session token: random, chosen by the merchant */
  readonly token?: undefined | string
  /** Platform */
  readonly platform: 'ios' | 'android' | 'h5' | 'web'
  /** Language */
  readonly language: string
  /** Currency */
  readonly currency: string
  /** Where to go after login: <gameId>, rand-<gameId> or <gameId>-<tableId>; anything else goes to the lobby */
  readonly game_code?: undefined | string
  /** URL called when the user returns from the room */
  readonly callback?: undefined | string
  /** Bet limits: <Currency>_<GameID> to the comma-separated, ordered IDs of bet limits */
  readonly limits?: undefined | Readonly<Record<string, string>>
  /** Language pack */
  readonly custom_language?: undefined | string
}

export interface CreateFields {
  /** Merchant user ID */
  readonly user_id: string
  /** Display name of the member */
  readonly user_name: string
  /** Description */
  readonly desc?: undefined | string
}

export interface UpdateFields {
  /** Merchant user ID */
  readonly user_id: string
  /** Display name of the member */
  readonly user_name?: undefined | string
  /** Description; empty clears it, absent leaves it */
  readonly desc?: undefined | string
}

export interface LockFields {
  /** Merchant user ID */
  readonly user_id: string
  /** Active (unlocked), LockBet (may not bet), LockAll (may not bet or log in) */
  readonly status: 'Active' | 'LockBet' | 'LockAll'
}

export interface LogoutFields {
  /** Merchant user ID */
  readonly user_id: string
}

export interface GuestLoginFields {
  /** Platform */
  readonly platform: 'ios' | 'android' | 'h5' | 'web'
  /** Language */
  readonly language: string
  /** Currency */
  readonly currency: string
  /** Where to go after login: <gameId>, rand-<gameId> or <gameId>-<tableId>; anything else goes to the lobby */
  readonly game_code?: undefined | string
  /** Amount the guest plays with */
  readonly amount?: undefined | string
  /** URL called when the user returns from the room */
  readonly callback?: undefined | string
}

export interface GameListFields {
  /** Game ID */
  readonly game_id?: undefined | string
}

export interface LimitListFields {
  /** Game ID */
  readonly game_id: string
  /** Currency */
  readonly currency: string
}
