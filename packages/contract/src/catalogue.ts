/**
 * Every failure that Lobbykey can answer with. Code throws keys only (`GatewayError`); the envelope writers look up the rest
 * here. `docs/errors.md` is generated from it.
 */
import { bodyBytesText } from './bounds.ts'

/** What a caller can do: `fix` the request, repeat it `later`, `login` again, or nothing (`no`). */
export type Retry = 'fix' | 'later' | 'login' | 'no'

export interface CatalogueEntry {
  /** HTTP status. The member API answers 200 instead by default, unless `memberStatusIsReal`. */
  readonly http: number
  /** `code` in the seller envelope (seller-login.md); absent if that API never returns the error. */
  readonly sellerCode?: string
  readonly sellerText?: string
  /** `code` in the member envelope (member-login.md); absent if that API never returns the error. */
  readonly memberCode?: number
  readonly memberText?: string
  /** RFC 6749 `error` for services; absent if they never get it. */
  readonly oauthError?: string
  /** True for errors outside the contract's table: they have their real HTTP status in every mode. */
  readonly memberStatusIsReal?: true
  readonly retry: Retry
  /** When it happens, and what to do about it. Public text. */
  readonly cause: string
  readonly cure: string
  /** The same for operators, where they are told otherwise than partners: on the admin API and the command line. */
  readonly operatorCause?: string
  readonly operatorCure?: string
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
    operatorCure: 'Compare the path with /admin/docs; paths are case sensitive and have no trailing slash.',
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
      'The request is ambiguous: no Host or several, a URL with another host, a version other than HTTP/1.0 and 1.1, or a Transfer-Encoding other than chunked. The connection is closed.',
    cure: 'Use a standard HTTP library. The message says what is wrong.',
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
    cause: 'The Host header names neither the public URL nor another accepted host.',
    cure: 'Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
    operatorCure: 'Use the address that ADMIN_URL has; or let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
  },
  invalid_body: {
    http: 400,
    sellerCode: '10002',
    sellerText: 'JSON parsing error',
    memberCode: 408000,
    memberText: 'Request Parameter Error',
    retry: 'fix',
    cause: 'The body is not one strict JSON object: a syntax error, invalid UTF-8, a duplicate key, too much nesting, or an array.',
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
    // Other limits than partners': 64 KiB, imports and catalogues more.
    operatorCause: 'The body is larger than this call takes.',
    operatorCure: 'Send less at once: an import or a catalogue may be split, anything else has only its fields.',
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
    cause: "A field is missing, unknown or breaks its rule. For a stale timestamp the message states the difference and the server's time.",
    cure: 'The message names the field and its rule.',
    operatorCause: 'A field is missing, unknown or breaks its rule.',
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
    cure: 'Repeat the same request after Retry-After; repeating is safe.',
  },
  upstream_unavailable: {
    http: 503,
    sellerCode: '10004',
    sellerText: 'Service unavailable, retry',
    retry: 'later',
    cause: 'The service behind this path is unreachable or too slow.',
    cure: 'Try again after Retry-After. The service may have acted on the request: repeat only what is safe to repeat.',
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
    cause: "An unexpected error. The server's log has the details under the X-Request-Id.",
    cure: 'Try again later; give the operator the X-Request-Id.',
    operatorCure: "Try again later; the server's log has the details under the X-Request-Id.",
  },
  seller_signature_invalid: {
    http: 401,
    sellerCode: '10003',
    sellerText: 'Signature verification failed',
    retry: 'fix',
    cause: 'Reserved by the platform for signed seller calls; none exist yet.',
    cure: 'Does not occur today.',
  },
  bad_credentials: {
    http: 401,
    sellerCode: '10006',
    sellerText: 'Email or password is incorrect',
    retry: 'fix',
    cause: 'Unknown e-mail, wrong password, disabled or locked account. The answer does not distinguish them.',
    cure: 'Check both; if they are right, ask the operator whether the account is enabled and unlocked.',
  },
  throttled: {
    http: 429,
    sellerCode: '10007',
    sellerText: 'Too many requests',
    oauthError: 'temporarily_unavailable',
    retry: 'later',
    cause: 'Too many wrong passwords for this account or from this network address, or too many wrong service secrets from this address.',
    cure: 'Wait for Retry-After seconds.',
    operatorCause: 'Too many wrong passwords or codes for this account, or wrong passwords, tokens or sessions from this network address.',
    operatorCure: 'Wait for Retry-After seconds.',
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
    cause: 'The access token has expired.',
    cure: 'Refresh, then repeat the call.',
  },
  access_token_revoked: {
    http: 401,
    sellerCode: '10010',
    sellerText: 'Access token has been revoked',
    retry: 'login',
    cause: 'The session behind this token was ended by a logout, a password change or the operator.',
    cure: 'Log in again.',
  },
  refresh_token_invalid: {
    http: 401,
    sellerCode: '10011',
    sellerText: 'Refresh token is not valid',
    retry: 'login',
    cause: 'The refresh token is expired, unknown or revoked, or was already used and its grace is over.',
    cure: 'Log in again; keep only the newest refresh token.',
  },
  login_busy: {
    http: 503,
    sellerCode: '10012',
    sellerText: 'Login is busy, retry',
    retry: 'later',
    cause: 'More logins arrive than the server can verify passwords for.',
    cure: 'Wait for Retry-After seconds. Reuse your token instead of logging in for each call.',
    operatorCause: 'More sign-ins arrive than the server can verify passwords for.',
    operatorCure: 'Wait for Retry-After seconds, or sign in with a passkey.',
  },
  reset_token_invalid: {
    http: 401,
    sellerCode: '10013',
    sellerText: 'Reset token is not valid',
    retry: 'no',
    cause: 'The reset token is expired, unknown, already used or replaced by a newer one. The answer does not distinguish them.',
    cure: 'Ask the operator for a new link.',
  },
  service_credentials_invalid: {
    http: 401,
    oauthError: 'invalid_client',
    retry: 'fix',
    cause: 'The service ID and secret are missing or do not match; the service may be disabled, or its secret replaced.',
    cure: 'Send the ID and secret from `lobbykey service add` by HTTP Basic.',
  },
  overloaded: {
    http: 503,
    oauthError: 'temporarily_unavailable',
    retry: 'later',
    cause: 'Too many connections are open, or the server is shutting down.',
    cure: 'Connect again after Retry-After seconds.',
  },
  address_not_allowed: {
    http: 403,
    memberCode: 408003,
    memberText: 'Whitelist Restriction',
    retry: 'fix',
    cause: "The caller's address is not on the merchant's list. An empty list refuses everyone.",
    cure: 'Ask the operator to add the address in the message.',
  },
  rate_limited: {
    http: 429,
    memberCode: 408004,
    memberText: 'API Rate Limit',
    retry: 'later',
    cause: 'Too many requests from this address or for this merchant.',
    cure: 'Wait for Retry-After seconds, then repeat the same request.',
    operatorCause: 'Too many requests of this API token or operator, or from this address.',
  },
  queue_full: {
    http: 503,
    sellerCode: '10004',
    sellerText: 'Service unavailable, retry',
    memberCode: 408004,
    memberText: 'API Rate Limit: the server is at its limit',
    memberStatusIsReal: true,
    retry: 'later',
    cause: 'Too many requests are waiting to be written.',
    cure: 'Wait for Retry-After seconds, then repeat the same request.',
  },
  bad_signature: {
    http: 401,
    memberCode: 600100,
    memberText: 'Invalid Signature',
    retry: 'fix',
    cause: "The signature does not match these fields and the merchant's key, or it uses another algorithm than the merchant's.",
    cure: 'Compare your canonical string with `lobbykey sign`, or let `lobbykey explain` name the mistake.',
  },
  merchant_not_found: {
    http: 404,
    memberCode: 700101,
    memberText: 'Merchant Not Found',
    retry: 'fix',
    cause: 'The agent_id is unknown or the merchant is disabled.',
    cure: 'Check agent_id; it is case sensitive.',
    operatorCause: 'There is no merchant with this ID, or you are held to others.',
    operatorCure: 'Check the ID; it is case sensitive. The list of merchants has those you may see.',
  },
  member_exists: {
    http: 400,
    memberCode: 700102,
    memberText: 'Member Exists',
    retry: 'no',
    cause: 'The merchant already has a member with this user_id.',
    cure: 'Nothing, or use update.',
    operatorCause: 'The merchant already has a member with this user ID.',
    operatorCure: 'Nothing, or change the member that is there.',
  },
  member_not_found: {
    http: 404,
    memberCode: 700103,
    memberText: 'User Not Found',
    retry: 'fix',
    cause: 'The merchant has no such member, and does not create members on login.',
    cure: 'Create the member first.',
    operatorCause: 'The merchant has no member with this user ID.',
    operatorCure: 'Check the ID; it is case sensitive.',
  },
  lock_failed: {
    http: 503,
    memberCode: 700105,
    memberText: 'Lock Failed: the lock could not be written, retry',
    memberStatusIsReal: true,
    retry: 'later',
    cause: 'The store could not be written, so the status may not have changed.',
    cure: 'Repeat the same request after Retry-After; repeating is safe.',
  },
  login_refused: {
    http: 403,
    memberCode: 700106,
    memberText: 'Login Failed',
    retry: 'fix',
    cause: 'The token belongs to another member, its session has ended, or the signature was already used for another request.',
    cure: 'Generate a new random token and sign again.',
  },
  member_locked: {
    http: 403,
    memberCode: 700108,
    memberText: 'User Prohibited from Login',
    retry: 'no',
    cause: 'The member is locked: its status does not allow logins.',
    cure: 'Unlock the member: set a status that allows logins.',
  },
  currency_not_allowed: {
    http: 400,
    memberCode: 700208,
    memberText: "Currency Not in Merchant's Selected Currency List",
    retry: 'fix',
    cause: "The currency is not one of the merchant's. Currencies are case sensitive.",
    cure: 'Use a currency that is set up for the merchant.',
  },
  bet_limits: {
    http: 400,
    memberCode: 700270,
    memberText: 'Bet Limits Error',
    retry: 'fix',
    cause:
      'limits names a bet limit that is unknown, inactive, of another game or currency, repeated or out of order, or has a key that is not Currency_GameID.',
    cure: 'The message names the key and the ID. Choose from the bet-limit list, in its order.',
  },
  not_found: {
    http: 404,
    retry: 'fix',
    cause: 'What the operator named does not exist: a seller, a key, a file.',
    cure: 'List what exists and check the name.',
  },
  already_exists: {
    http: 409,
    retry: 'no',
    cause: 'The name is taken, for example by another merchant or seller.',
    cure: 'Use another name, or change the existing one.',
  },
  changed_meanwhile: {
    http: 412,
    retry: 'fix',
    cause: 'Someone else changed it after you read it.',
    cure: 'Read it again, check what changed, and repeat your change.',
  },
  precondition_required: {
    http: 428,
    retry: 'fix',
    cause: "The change has no If-Match, so it could overwrite someone else's.",
    cure: 'Send the ETag from your last read in If-Match.',
  },
  not_signed_in: {
    http: 401,
    retry: 'login',
    cause: 'The call has no session or API token, or one that has expired, was revoked or belongs to a disabled operator.',
    cure: 'Sign in again, or send Authorization: Bearer with a token from `lobbykey token add`.',
  },
  forbidden: {
    http: 403,
    retry: 'no',
    cause: "The operator's role, or the token, lacks the required right.",
    cure: 'Ask an owner for the right named in the message.',
  },
  operator_address_refused: {
    http: 403,
    retry: 'no',
    cause: "Operators are let in from the addresses of this server's ADMIN_ALLOW only, partners excepted.",
    cure: 'Call from one of them, or have the address named in the message added to ADMIN_ALLOW.',
  },
  confirmation_required: {
    http: 403,
    retry: 'fix',
    cause: 'This needs a second factor given within the last five minutes, or an API token created with --allow-confirmed.',
    cure: 'Confirm with a passkey or a one-time code, then repeat the call.',
  },
  approval_required: {
    http: 403,
    retry: 'no',
    cause: "This change needs another person's approval.",
    cure: 'Propose it: POST /proposals, or `lobbykey proposal add`.',
  },
  sign_in_refused: {
    http: 401,
    retry: 'fix',
    cause: 'Unknown e-mail, wrong password, wrong or used code, disabled or locked account. The answer does not distinguish them.',
    cure: 'Check your input and wait for the next code of the app; if that fails, ask an owner.',
  },
  invitation_over: {
    http: 410,
    retry: 'no',
    cause: 'The link is expired, unknown, revoked, already used or replaced by a newer one. The answer does not distinguish them.',
    cure: 'Ask whoever invited you for a new one.',
  },
  sso_failed: {
    http: 401,
    retry: 'login',
    cause:
      "The sign-in at the provider was cancelled, took over ten minutes, began in another browser or tab, or the provider's answer is not valid.",
    cure: 'Start again from the sign-in page. If it fails again, the log says why the answer was not accepted.',
  },
  sso_no_role: {
    http: 403,
    retry: 'no',
    cause: 'The provider gives you no role on this server.',
    cure: 'Ask whoever runs this server which group or role at the provider lets you in, and whoever manages your account there to give it to you.',
  },
  sso_disabled: {
    http: 403,
    retry: 'no',
    cause: 'Your account on this server is disabled.',
    cure: 'Ask an owner to enable it.',
  },
  sso_email_taken: {
    http: 409,
    retry: 'fix',
    cause: 'There is an account with your e-mail that does not use single sign-on. An e-mail alone does not prove that it is yours.',
    cure: 'Sign in to it as before, confirm, and link it to single sign-on there.',
  },
  sso_other_account: {
    http: 403,
    retry: 'fix',
    cause: 'The account that signed in at the provider is not the one signed in here, or is linked to another account.',
    cure: 'Sign out here or at the provider, and sign in with the right account.',
  },
  sso_unavailable: {
    http: 503,
    retry: 'later',
    cause: 'The provider of single sign-on did not answer, or refused this server.',
    cure: 'Try again in a moment. Accounts that do not use single sign-on can sign in meanwhile.',
  },
  sso_check_due: {
    http: 401,
    retry: 'login',
    cause: 'The provider of single sign-on has to vouch for this account again. Until then neither its sessions nor its tokens work.',
    cure: 'Open the console, which asks the provider. Programs go on as soon as the person whose token they use has done so.',
  },
  foreign_origin: {
    http: 403,
    retry: 'no',
    cause: "A sign-in, or a call with the console's cookie, did not come from a console page.",
    cure: 'Open the console under ADMIN_URL. Programs use an API token instead of the cookie.',
  },
  idempotency_key_reused: {
    http: 422,
    retry: 'fix',
    cause: 'The Idempotency-Key was already used for another request.',
    cure: 'Use a new key for each request.',
  },
  conflict: {
    http: 409,
    retry: 'fix',
    cause: 'The request conflicts with the current state, such as retiring the last key.',
    cure: 'Do first what the message says.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorKey = keyof typeof entries

export const catalogue: Readonly<Record<ErrorKey, CatalogueEntry>> = entries

/** An entry as operators are told it. */
export function forOperators({ operatorCause, operatorCure, ...entry }: CatalogueEntry): CatalogueEntry {
  return { ...entry, cause: operatorCause ?? entry.cause, cure: operatorCure ?? entry.cure }
}
