/**
 * Rows as each migration's release wrote them, under the first migration that allows them: plain SQL, since the program that wrote them is gone. A
 * column is given under the migration that added it. Add rows when a migration adds a table or a column; never change a released one's.
 */
import { type RawBuilder, sql } from 'kysely'

const at = 1_767_225_600_000
const day = 86_400_000
const bytes = (text: string) => Buffer.from(text)
const settings = JSON.stringify({
  currencies: ['USD'],
  allow: ['127.0.0.1'],
  callbackOrigins: [],
  lobbyUrl: 'https://lobby.example/',
  ratePerSecond: 20,
  autoCreateMembers: false,
  algorithm: 'hmac-sha256',
  callback: 'signed',
})

export const populated: Readonly<Record<string, readonly RawBuilder<unknown>[]>> = {
  '0001-foundation': [
    sql`insert into merchants (agent_id, status, settings, created_at, updated_at) values ('acme', 'enabled', ${settings}, ${at}, ${at}), ('gone', 'disabled', ${settings}, ${at}, ${at})`,
    sql`insert into merchant_keys (agent_id, id, sealed, created_at, retired_at) values ('acme', 'k1', ${bytes('sealed 1')}, ${at}, ${at + 1}), ('acme', 'k2', ${bytes('sealed 2')}, ${at}, null)`,
    sql`insert into members (agent_id, user_id, user_name, description, status, created_at, updated_at) values
      ('acme', 'active', 'Ac', 'one', 'Active', ${at}, ${at}), ('acme', 'nobets', 'No', '', 'LockBet', ${at}, ${at}), ('acme', 'locked', 'Lo', 'three', 'LockAll', ${at}, ${at})`,
    sql`insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, callback, limits, custom_language, created_at, expires_at, ended_at, end_reason) values
      (${bytes('session of active')}, 'acme', 'active', 'h5', 'en-US', 'USD', '101', 'https://acme.example/back', '{"101":"r1"}', 'en', ${at}, ${at + day}, null, null),
      (${bytes('session of nobets')}, 'acme', 'nobets', 'ios', 'vi-VN', 'USD', null, null, null, null, ${at}, ${at + day}, null, null),
      (${bytes('session of locked')}, 'acme', 'locked', 'web', 'en-US', 'USD', null, null, null, null, ${at}, ${at + day}, ${at + 5}, 'lock')`,
    sql`insert into signed_requests (timestamp, agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at) values (${at}, 'acme', ${bytes('signature')}, 'login', ${bytes('unsigned')}, ${at}, ${at + 600_000})`,
    sql`insert into sellers (id, email, password_hash, status, created_at, updated_at, last_login_at) values ('s1', 'ops@acme.example', '$argon2id$v=19$one', 'enabled', ${at}, ${at}, ${at}), ('s2', 'off@acme.example', '$argon2id$v=19$two', 'disabled', ${at}, ${at}, null)`,
    sql`insert into seller_addresses (seller_id, address_key, seen_at) values ('s1', 'known address', ${at})`,
    sql`insert into seller_sessions (sid, seller_id, refresh_hash, previous_refresh_hash, issued_at, rotated_at, kid, created_at, idle_expires_at, absolute_expires_at, access_expires_at, ended_at, end_reason, address) values
      ('live', 's1', ${bytes('refresh 2')}, ${bytes('refresh 1')}, ${at}, ${at}, 'kid1', ${at}, ${at + 7 * day}, ${at + 30 * day}, ${at + day}, null, null, '127.0.0.1'),
      ('over', 's1', ${bytes('refresh 3')}, null, ${at}, null, 'kid1', ${at}, ${at + 7 * day}, ${at + 30 * day}, ${at + day}, ${at + 9}, 'logout', null)`,
    sql`insert into meta (name, value) values ('secret:one', ${bytes('value')})`,
    sql`insert into signing_keys (kid, public_jwk, sealed_private, created_at, active_at, retired_at) values ('kid0', '{}', ${bytes('old')}, ${at - day}, ${at - day}, ${at}), ('kid1', '{}', ${bytes('private')}, ${at}, ${at}, null)`,
    sql`insert into throttles (key, failures, last_failed_at, tat, expires_at) values ('account', 4, ${at}, ${at}, ${at + day})`,
    sql`insert into catalogue_games (game_id, names) values ('101', '{"en":"Baccarat"}')`,
    sql`insert into catalogue_tables (game_id, inst_id, names, status) values ('101', 'A', '{"en":"Table A"}', 1)`,
    sql`insert into catalogue_limits (currency, game_id, red_id, min_limit, max_limit, seq, status) values ('USD', '101', 'r1', '1', '100', 1, 1)`,
    sql`insert into events (at, kind, surface, agent_id, subject, address, request_id, code, count, details) values (${at}, 'member.locked', 'member-api', 'acme', 'locked', '127.0.0.1', 'r', null, 1, '{"status":"LockAll"}')`,
    sql`insert into changes (topic, subject, at) values ('merchant', 'acme', ${at})`,
  ],
  '0010-services': [
    sql`insert into services (id, status, secret_hash, secret_created_at, previous_secret_hash, previous_good_until, created_at, updated_at) values ('tables', 'enabled', ${bytes('now')}, ${at}, ${bytes('before')}, ${at + day}, ${at}, ${at})`,
  ],
  '0011-signing-key-life': [sql`update signing_keys set token_life_ms = ${day} where kid = 'kid1'`],
  '0020-member-sessions': [
    sql`update merchant_keys set last_used_at = ${at} where id = 'k2'`,
    sql`insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, created_at, expires_at, kind, amount, ticket_hash, ticket_expires_at, entered_at) values
      (${bytes('session of guest')}, 'acme', 'guest-1', 'h5', 'en-US', 'USD', ${at}, ${at + day}, 'guest', '250.00', ${bytes('ticket')}, ${at + 60_000}, ${at})`,
  ],
  '0030-traces': [
    sql`insert into traces (at, request_id, agent_id, is_failed, trace) values (${at}, 'r', 'acme', 1, '{"surface":"member-api","call":"login","status":401,"steps":[]}')`,
    sql`insert into merchant_clocks (agent_id, difference_ms, measured_at, warned_at) values ('acme', -90000, ${at}, ${at})`,
  ],
  '0040-session-renewals': [sql`update member_sessions set expires_at = expires_at + 1 where user_id = 'active'`],
  '0050-passwords': [
    sql`insert into password_resets (seller_id, token_hash, expires_at) values ('s1', ${bytes('link')}, ${at + day})`,
    sql`update sellers set needless_logins = 3 where id = 's1'`,
  ],
  '0060-refresh-batch': [],
  '0070-member-status': [],
  '0071-session-opaque': [
    sql`insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, opaque, created_at, expires_at) values
      (${bytes('session with opaque')}, 'acme', 'active', 'h5', 'en-US', 'USD', '{"callback":"https://acme.example/"}', ${at}, ${at + day})`,
  ],
  '0080-refusals-and-counts': [
    sql`insert into refusals (at, id, last_at, expires_at, kind, surface, agent_id, subject, address, request_id, code, count, details) values (${at}, 'r1', ${at + 5}, ${at + day}, 'member.refused', 'member-api', 'acme', 'active', '127.0.0.1', 'r', '408003', 7, '{"key":"bad_signature"}')`,
    sql`insert into call_counts (span, at, surface, call, code, agent_id, count) values ('minute', ${at}, 'member-api', 'login', '200', 'acme', 12)`,
    sql`insert into call_origins (at, agent_id, is_stranger, address, key_id, accepted, refused) values (${at}, 'acme', 0, '127.0.0.1', 'k2', 12, 0)`,
    sql`insert into call_batches (id, at) values ('b1', ${at})`,
    sql`insert into stranger_traces (at, request_id, agent_id, is_failed, trace) values (${at}, 's', 'acme', 1, '{"surface":"member-api","call":"login","status":401,"steps":[]}')`,
  ],
  '0090-change-details': [sql`insert into changes (topic, subject, at, detail) values ('member', 'acme:locked', ${at}, 'LockAll')`],
  '0100-access-token-uses': [sql`update seller_sessions set presented_access_hash = ${bytes('presented')} where sid = 'live'`],
  '0110-operators': [
    sql`insert into operators (id, email, name, role, agent_ids, status, created_at, updated_at) values ('o1', 'ann@ops.example', 'Ann', 'admin', null, 'enabled', ${at}, ${at})`,
    sql`insert into api_tokens (id, operator_id, name, token_hash, rights, agent_ids, allow, allow_confirmed, created_at, expires_at) values ('t1', 'o1', 'ci', ${bytes('token')}, '[]', null, '[]', 1, ${at}, ${at + day})`,
    sql`insert into idempotent_answers (key_hash, request_digest, sealed_answer, created_at, expires_at) values (${bytes('key')}, ${bytes('digest')}, ${bytes('sealed')}, ${at}, ${at + day})`,
    sql`insert into events (at, kind, surface, actor, count) values (${at}, 'operator.created', 'cli', 'o1', 1)`,
  ],
  '0120-labels': [
    sql`update merchants set labels = '{"team":"slots"}' where agent_id = 'acme'`,
    sql`update services set labels = '{"team":"slots"}' where id = 'tables'`,
  ],
  '0130-records': [sql`insert into processes (id, started_at, seen_at, state) values ('p1', ${at}, ${at}, '{"host":"a","pid":1}')`],
  '0140-member-lists': [],
  '0150-seals': [
    sql`insert into seals (number, at, first_id, last_id, root, previous, signature, leaves) values (1, ${at}, 1, 2, 'aa', '', 'sig', ${bytes('leaves')})`,
  ],
  '0160-operator-accounts': [
    sql`insert into operator_credentials (operator_id, password_hash, sealed_totp, totp_step, updated_at) values ('o1', 'hash', ${bytes('totp')}, 1, ${at})`,
    sql`insert into recovery_codes (code_hash, operator_id) values (${bytes('code')}, 'o1')`,
    sql`insert into passkeys (id, operator_id, name, public_key, sign_count, transports, created_at) values ('p1', 'o1', 'key', ${bytes('public')}, 1, '[]', ${at})`,
    sql`insert into spent_challenges (challenge_hash, expires_at) values (${bytes('challenge')}, ${at + day})`,
    sql`insert into invitations (id, token_hash, operator_id, email, name, role, agent_ids, is_reset, invited_by, created_at, expires_at) values ('i1', ${bytes('link')}, 'o2', 'bob@ops.example', 'Bob', 'support', null, 0, 'operator:o1', ${at}, ${at + day})`,
    sql`insert into console_sessions (id, operator_id, token_hash, method, created_at, seen_at, expires_at) values ('s1', 'o1', ${bytes('cookie')}, 'password', ${at}, ${at}, ${at + day})`,
  ],
  '0170-seller-lists': [],
  '0180-hand-overs': [
    sql`insert into hand_overs (id, token_hash, sealed_secret, what, agent_id, created_at, expires_at) values ('h1', ${bytes('hand-over')}, ${bytes('sealed')}, 'the key of merchant m1', 'm1', ${at}, ${at + day})`,
  ],
  '0190-proposals': [
    sql`insert into proposals (id, operation, input, agent_id, reason, proposed_by, created_at, expires_at, state) values ('pr1', 'merchant.update', '{"agentId":"m1","allow":[]}', 'm1', 'we move', 'operator:o1', ${at}, ${at + day}, 'open')`,
    sql`insert into approval_policy (id, operations, agent_ids, updated_at) values ('policy', '["merchant.disable"]', null, ${at})`,
  ],
  '0200-brands': [
    sql`insert into brands (agent_id, title, accent_color, logo, logo_type, logo_width, logo_height, logo_sha256, created_at, updated_at) values ('m1', 'Acme', '#1a5fb4', ${bytes('logo')}, 'image/png', 1, 1, 'aa', ${at}, ${at})`,
  ],
  '0210-connection-requests': [
    sql`insert into connection_requests (id, device_hash, code_hash, host, user_name, address, address_key, name, rights, agent_ids, days, allow_confirmed, created_at, expires_at, polled_at, poll_seconds) values ('c1', ${bytes('device')}, ${bytes('code')}, 'laptop', 'ann', '203.0.113.7', '203.0.113.7', 'ann@laptop', '["merchants.read"]', null, 90, 0, ${at}, ${at + day}, ${at}, 5)`,
  ],
  '0220-operator-sso': [
    sql`insert into operators (id, email, name, role, agent_ids, status, created_at, updated_at, sso_issuer, sso_subject, sso_vouched_at, sso_refresh) values ('o3', 'cid@ops.example', 'Cid', 'support', null, 'enabled', ${at}, ${at}, 'https://login.ops.example', 'cid', ${at}, ${bytes('sealed refresh')})`,
  ],
  '0230-failed-traces': [],
  '0240-seller-labels': [
    sql`update sellers set labels = '{"team":"slots"}' where id = 's1'`,
    sql`insert into seller_labels (label, email) select 'team=slots', email from sellers where id = 's1'`,
  ],
  '0250-merchant-conduct': [sql`insert into merchant_conduct (agent_id, topic, right_at, wrong_at) values ('acme', 'login', ${at}, 0)`],
  '0260-call-totals': [
    sql`insert into call_totals (span, at, surface, call, code, count) values ('minute', ${at + 60_000}, 'member-api', 'login', '200', 12)`,
    sql`insert into call_counts (span, at, surface, call, code, agent_id, count) values
      ('hour', ${at}, 'member-api', 'login', '200', 'acme', 12), ('hour', ${at}, 'member-api', 'login', '408003', 'acme', 3), ('hour', ${at + 3_600_000}, 'member-api', 'login', '200', '', 5)`,
  ],
  '0270-call-days': [
    sql`insert into merchant_days (day, agent_id, count, h00, h23) values (${at - day}, 'acme', 12, 5, 7)`,
    sql`insert into call_days (day, agent_id, surface, call, code, count, h00, h23) values (${at}, 'acme', 'member-api', 'refresh', '200', 12, 5, 7)`,
  ],
}
