/**
 * The catalogue of errors: every failure Lobbykey can answer with, once. Code inside knows keys only
 * (`GatewayError`); each surface's one envelope writer looks the rest up here. `docs/errors.md` is held
 * to this file, both ways, by a test.
 *
 * It does not own: how an envelope looks (`envelope.ts`), nor when a key is thrown (the server's core).
 */
import { bodyBytesText } from './bounds.ts'

/** What a caller may do about a failure: `fix` the request, `later` send the same again, `login` anew, `no` nothing helps. */
export type Retry = 'fix' | 'later' | 'login' | 'no'

export interface CatalogueEntry {
  /** HTTP status. The member API answers 200 instead by default, unless `memberStatusIsReal`. */
  readonly http: number
  /** `code` in the seller envelope (seller-login.md); absent where that API cannot meet the error. */
  readonly sellerCode?: string
  readonly sellerText?: string
  /** `code` in the member envelope (member-login.md); absent where that API cannot meet the error. */
  readonly memberCode?: number
  readonly memberText?: string
  /** `error` of RFC 6749 for services that ask about tokens; absent where they cannot meet it. */
  readonly oauthError?: string
  /** True for what the contract's table does not foresee: the HTTP status is then the real one in every mode. */
  readonly memberStatusIsReal?: true
  readonly retry: Retry
  /** When it happens, and what the caller does about it. Public text. */
  readonly cause: string
  readonly cure: string
}

const entries = {
  path_not_found: {
    http: 404,
    sellerCode: '10001',
    sellerText: 'URL not found',
    memberCode: 408000,
    memberText: 'Request Parameter Error: no such path',
    memberStatusIsReal: true,
    oauthError: 'invalid_request',
    retry: 'fix',
    cause: 'No operation has this path.',
    cure: 'Compare the path with the reference; paths are case sensitive and have no trailing slash.',
  },
  method_not_allowed: {
    http: 405,
    sellerCode: '10001',
    sellerText: 'URL not found',
    memberCode: 408000,
    memberText: 'Request Parameter Error: the path does not take this method',
    memberStatusIsReal: true,
    oauthError: 'invalid_request',
    retry: 'fix',
    cause: 'The path exists, but not for this HTTP method.',
    cure: 'Use the method that the Allow header names.',
  },
  ambiguous_request: {
    http: 400,
    sellerCode: '10005',
    sellerText: 'Request parameter error',
    memberCode: 408000,
    memberText: 'Request Parameter Error',
    memberStatusIsReal: true,
    oauthError: 'invalid_request',
    retry: 'fix',
    cause:
      'The request could be read in two ways: no Host or two, a URL that names another, another version than HTTP/1.0 and 1.1, or a Transfer-Encoding other than chunked. The connection ends.',
    cure: 'Use an HTTP library as it is. The message says what is wrong.',
  },
  host_not_served: {
    http: 421,
    sellerCode: '10005',
    sellerText: 'Request parameter error',
    memberCode: 408000,
    memberText: 'Request Parameter Error',
    memberStatusIsReal: true,
    oauthError: 'invalid_request',
    retry: 'fix',
    cause: 'The Host header names neither the public URL nor another name of this server.',
    cure: 'Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
  },
  invalid_body: {
    http: 400,
    sellerCode: '10002',
    sellerText: 'JSON parsing error',
    memberCode: 408000,
    memberText: 'Request Parameter Error',
    retry: 'fix',
    cause: 'The body is not one strict JSON object: broken syntax, bytes that are not UTF-8, a key twice, nested too deep, or a list.',
    cure: 'Send one JSON object in UTF-8, each key once. The message says what is wrong.',
  },
  body_too_large: {
    http: 413,
    sellerCode: '10002',
    sellerText: `JSON parsing error: the body is larger than ${bodyBytesText}`,
    memberCode: 408000,
    memberText: `Request Parameter Error: the body is larger than ${bodyBytesText}`,
    memberStatusIsReal: true,
    oauthError: 'invalid_request',
    retry: 'fix',
    cause: `The body is larger than ${bodyBytesText}.`,
    cure: 'Send only the fields of the call.',
  },
  unsupported_media_type: {
    http: 415,
    sellerCode: '10002',
    sellerText: 'JSON parsing error: send Content-Type application/json, in UTF-8, without Content-Encoding',
    memberCode: 408000,
    memberText: 'Request Parameter Error: send Content-Type application/json, in UTF-8, without Content-Encoding',
    memberStatusIsReal: true,
    oauthError: 'invalid_request',
    retry: 'fix',
    cause: 'The body is not declared as application/json, has another charset, or is compressed.',
    cure: 'Send Content-Type: application/json and no Content-Encoding.',
  },
  invalid_parameter: {
    http: 400,
    sellerCode: '10005',
    sellerText: 'Request parameter error',
    memberCode: 408000,
    memberText: 'Request Parameter Error',
    oauthError: 'invalid_request',
    retry: 'fix',
    cause:
      "A field is missing, unknown or outside its rule. For a stale timestamp the message says how far off it is and tells the server's time.",
    cure: 'The message names the field and its rule.',
  },
  store_unavailable: {
    http: 503,
    sellerCode: '10004',
    sellerText: 'Service unavailable, retry',
    memberCode: 700106,
    memberText: 'Login Failed: service unavailable, retry',
    memberStatusIsReal: true,
    oauthError: 'temporarily_unavailable',
    retry: 'later',
    cause: 'The store cannot be read or written at the moment.',
    cure: 'Send the same request again after Retry-After; a repeat is safe.',
  },
  upstream_unavailable: {
    http: 503,
    sellerCode: '10004',
    sellerText: 'Service unavailable, retry',
    retry: 'later',
    cause: 'The service behind this path is away, or does not answer in time.',
    cure: 'Try again after Retry-After. Whether the service has acted on the request is not known: repeat only what is safe to repeat.',
  },
  internal: {
    http: 500,
    sellerCode: '10099',
    sellerText: 'Internal error',
    memberCode: 700106,
    memberText: 'Login Failed: internal error',
    memberStatusIsReal: true,
    oauthError: 'server_error',
    retry: 'later',
    cause: "Something unforeseen. The body never says what; the server's log does, under the X-Request-Id.",
    cure: 'Try again later; tell the operator the X-Request-Id.',
  },
  seller_signature_invalid: {
    http: 401,
    sellerCode: '10003',
    sellerText: 'Signature verification failed',
    retry: 'fix',
    cause: 'Kept by the platform for signed seller calls; none exist yet.',
    cure: 'Cannot happen today.',
  },
  bad_credentials: {
    http: 401,
    sellerCode: '10006',
    sellerText: 'Email or password is incorrect',
    retry: 'fix',
    cause: 'Unknown e-mail, wrong password, disabled account or locked account. These are not told apart.',
    cure: 'Check both; if they are right, ask the operator whether the account is enabled and unlocked.',
  },
  throttled: {
    http: 429,
    sellerCode: '10007',
    sellerText: 'Too many requests',
    oauthError: 'temporarily_unavailable',
    retry: 'later',
    cause: 'Too many wrong passwords for this account or from this network address, or too many wrong service secrets from there.',
    cure: 'Wait for Retry-After seconds.',
  },
  access_token_invalid: {
    http: 401,
    sellerCode: '10008',
    sellerText: 'Access token is missing or invalid',
    retry: 'login',
    cause: 'No bearer token, or one that this server did not issue for this use.',
    cure: 'Send Authorization: Bearer with the accessToken of the last login or refresh.',
  },
  access_token_expired: {
    http: 401,
    sellerCode: '10009',
    sellerText: 'Access token has expired',
    retry: 'login',
    cause: 'The access token is past its expiry.',
    cure: 'Refresh, then repeat the call.',
  },
  access_token_revoked: {
    http: 401,
    sellerCode: '10010',
    sellerText: 'Access token has been revoked',
    retry: 'login',
    cause: 'The login behind this token was ended: logout, a password change, or the operator.',
    cure: 'Log in again.',
  },
  refresh_token_invalid: {
    http: 401,
    sellerCode: '10011',
    sellerText: 'Refresh token is not valid',
    retry: 'login',
    cause: 'The refresh token is expired, unknown, revoked, or was used before and is past its grace.',
    cure: 'Log in again; keep only the newest refresh token.',
  },
  login_busy: {
    http: 503,
    sellerCode: '10012',
    sellerText: 'Login is busy, retry',
    retry: 'later',
    cause: 'More logins arrive than passwords can be checked.',
    cure: 'Wait for Retry-After seconds; reuse the token you have instead of logging in for each call.',
  },
  reset_token_invalid: {
    http: 401,
    sellerCode: '10013',
    sellerText: 'Reset token is not valid',
    retry: 'no',
    cause: 'The reset token is expired, unknown, replaced by a newer one, or was used before. These are not told apart.',
    cure: 'Ask the operator for a new link.',
  },
  service_credentials_invalid: {
    http: 401,
    oauthError: 'invalid_client',
    retry: 'fix',
    cause: 'No service ID and secret, or ones that do not belong together; the service may be disabled, or its secret replaced.',
    cure: 'Send the ID and secret of `lobbykey service add` by HTTP Basic.',
  },
  overloaded: {
    http: 503,
    oauthError: 'temporarily_unavailable',
    retry: 'later',
    cause: 'More connections are open than this server takes, or it is going down.',
    cure: 'Connect again after Retry-After seconds.',
  },
  address_not_allowed: {
    http: 403,
    memberCode: 408003,
    memberText: 'Whitelist Restriction',
    retry: 'fix',
    cause: "The caller's address is not on the merchant's list. An empty list refuses everyone.",
    cure: 'Ask the operator to add the address that the message tells.',
  },
  rate_limited: {
    http: 429,
    memberCode: 408004,
    memberText: 'API Rate Limit',
    retry: 'later',
    cause: 'Too many requests from this address or for this merchant.',
    cure: 'Wait for Retry-After seconds, then send the same request again.',
  },
  queue_full: {
    http: 503,
    sellerCode: '10004',
    sellerText: 'Service unavailable, retry',
    memberCode: 408004,
    memberText: 'API Rate Limit: the server is at its limit',
    memberStatusIsReal: true,
    retry: 'later',
    cause: 'More requests wait to be written than the server admits.',
    cure: 'Wait for Retry-After seconds, then send the same request again.',
  },
  bad_signature: {
    http: 401,
    memberCode: 600100,
    memberText: 'Invalid Signature',
    retry: 'fix',
    cause:
      "The signature is not the one that the merchant's key gives for these fields, or it is of an algorithm that the merchant no longer uses.",
    cure: 'Compare your canonical string with `lobbykey sign`, or let `lobbykey explain` name the mistake; see docs/signing.md.',
  },
  merchant_not_found: {
    http: 404,
    memberCode: 700101,
    memberText: 'Merchant Not Found',
    retry: 'fix',
    cause: 'The agent_id is unknown or the merchant is disabled.',
    cure: 'Check agent_id; it is case sensitive.',
  },
  member_exists: {
    http: 400,
    memberCode: 700102,
    memberText: 'Member Exists',
    retry: 'no',
    cause: 'The merchant already has a member with this user_id.',
    cure: 'Nothing to do, or use update.',
  },
  member_not_found: {
    http: 404,
    memberCode: 700103,
    memberText: 'User Not Found',
    retry: 'fix',
    cause: 'The merchant has no such member, and does not create members on login.',
    cure: 'Create the member first.',
  },
  lock_failed: {
    http: 503,
    memberCode: 700105,
    memberText: 'Lock Failed: the lock could not be written, retry',
    memberStatusIsReal: true,
    retry: 'later',
    cause: 'The store could not be written, so the status is not changed for certain.',
    cure: 'Send the same request again after Retry-After; a repeat is safe.',
  },
  login_refused: {
    http: 403,
    memberCode: 700106,
    memberText: 'Login Failed',
    retry: 'fix',
    cause: 'The token is bound to another member or its session has ended, or the signature was used before for something else.',
    cure: 'Make a new random token, sign again, and send.',
  },
  member_locked: {
    http: 403,
    memberCode: 700108,
    memberText: 'User Prohibited from Login',
    retry: 'no',
    cause: 'The member is locked: its status does not let it log in.',
    cure: 'Unlock the member: set a status that lets it log in.',
  },
  currency_not_allowed: {
    http: 400,
    memberCode: 700208,
    memberText: "Currency Not in Merchant's Selected Currency List",
    retry: 'fix',
    cause: "The currency is not one of the merchant's. Currencies are case sensitive.",
    cure: 'Use a currency that the operator has set up for the merchant.',
  },
  bet_limits: {
    http: 400,
    memberCode: 700270,
    memberText: 'Bet Limits Error',
    retry: 'fix',
    cause:
      'limits names an unknown or inactive bet limit, one of another game or currency, one twice or out of order, or has a key that is not Currency_GameID.',
    cure: 'The message names the key and the ID; choose from the bet-limit list, in its order.',
  },
  not_found: {
    http: 404,
    retry: 'fix',
    cause: 'An operator named something that is not there: a seller, a key, a file.',
    cure: 'List what there is, and name one of it.',
  },
  already_exists: {
    http: 409,
    retry: 'no',
    cause: 'An operator adds a merchant or seller whose name is taken.',
    cure: 'Use another name, or change the one that is there.',
  },
  changed_meanwhile: {
    http: 412,
    retry: 'fix',
    cause: 'Somebody else changed it since it was read.',
    cure: 'Read it again, look at what has changed, and make the change on that.',
  },
  precondition_required: {
    http: 428,
    retry: 'fix',
    cause: 'A change came without If-Match, so it could undo what somebody else has just done.',
    cure: 'Send the ETag of what was read in If-Match.',
  },
  not_signed_in: {
    http: 401,
    retry: 'login',
    cause: 'The admin API was called without a session or API token, or with one that is over, revoked or of a disabled operator.',
    cure: 'Sign in again, or send Authorization: Bearer with a token of `lobbykey token add`.',
  },
  forbidden: {
    http: 403,
    retry: 'no',
    cause: "The operator's role, or the token, does not have the right that this takes.",
    cure: 'The message names the right. Ask an owner.',
  },
  confirmation_required: {
    http: 403,
    retry: 'fix',
    cause: 'This takes a second factor given within five minutes, or an API token made with --allow-confirmed.',
    cure: 'Confirm with a passkey or a one-time code, then repeat the call.',
  },
  sign_in_refused: {
    http: 401,
    retry: 'fix',
    cause: 'Unknown e-mail, wrong password, wrong or used code, disabled or locked account. These are not told apart.',
    cure: 'Check all of them, and wait for the next code of the app; if they are right, ask an owner.',
  },
  invitation_over: {
    http: 410,
    retry: 'no',
    cause: 'The link is expired, unknown, revoked, replaced by a newer one, or was used before. These are not told apart.',
    cure: 'Ask whoever invited you for a new one.',
  },
  foreign_origin: {
    http: 403,
    retry: 'no',
    cause: "A call with the console's cookie, or one that signs in, did not come from a page of the console.",
    cure: 'Open the console under ADMIN_URL; programs use an API token instead of the cookie.',
  },
  idempotency_key_reused: {
    http: 422,
    retry: 'fix',
    cause: 'The Idempotency-Key was used for another request before.',
    cure: 'Make a new key for each thing that is to be done once.',
  },
  conflict: {
    http: 409,
    retry: 'fix',
    cause: 'What an operator asks for does not go with how things stand, such as retiring the last key.',
    cure: 'The message says what to do first.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorKey = keyof typeof entries

export const catalogue: Readonly<Record<ErrorKey, CatalogueEntry>> = entries
