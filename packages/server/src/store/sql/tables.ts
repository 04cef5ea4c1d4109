import type { MemberStatus } from '@lobbykey/contract'
import type { Role, SignInMethod } from '@lobbykey/contract/admin'
import type { Generated } from 'kysely'
import type { Enablement, SellerSessionEndReason, SessionEndReason } from '../store.ts'
import type { HourColumn } from './hour-columns.ts'
import type { OpaqueColumns } from './session-opaque.ts'

/** The tables, the same in both dialects. Times are milliseconds; `names`, `settings` and `details` are JSON text. */
export interface Tables {
  schema_migrations: { name: string }
  meta: { name: string; value: Uint8Array }
  merchants: { agent_id: string; status: Enablement; settings: string; labels: string; created_at: number; updated_at: number }
  merchant_keys: MerchantKeysTable
  members: MembersTable
  member_sessions: MemberSessionsTable
  signed_requests: SignedRequestsTable
  sellers: SellersTable
  /** As `name=value`. */
  seller_labels: { label: string; email: string }
  password_resets: { seller_id: string; token_hash: Uint8Array; expires_at: number }
  seller_addresses: { seller_id: string; address_key: string; seen_at: number }
  seller_sessions: SellerSessionsTable
  throttles: { key: string; failures: number; last_failed_at: number; tat: number; expires_at: number }
  signing_keys: SigningKeysTable
  services: ServicesTable
  catalogue_games: { game_id: string; names: string }
  catalogue_tables: { game_id: string; inst_id: string; names: string; status: 0 | 1 }
  catalogue_limits: CatalogueLimitsTable
  events: EventsTable
  refusals: RefusalsTable
  call_counts: CallCountsTable
  /** `call_counts` over all merchants. */
  call_totals: Omit<CallCountsTable, 'agent_id'>
  /** `call_counts` by day, UTC, and in it by hour. */
  call_days: Omit<CallCountsTable, 'span' | 'at'> & DayColumns
  /** The same over all outcomes. */
  merchant_days: Pick<CallCountsTable, 'agent_id' | 'count'> & DayColumns
  call_origins: CallOriginsTable
  call_batches: { id: string; at: number }
  traces: TracesTable
  stranger_traces: TracesTable
  merchant_clocks: { agent_id: string; difference_ms: number; measured_at: number; warned_at: number | null }
  merchant_conduct: { agent_id: string; topic: string; right_at: number; wrong_at: number }
  operators: OperatorsTable
  api_tokens: ApiTokensTable
  idempotent_answers: {
    key_hash: Uint8Array
    request_digest: Uint8Array
    sealed_answer: Uint8Array | null
    created_at: number
    expires_at: number
  }
  seals: {
    number: number
    at: number
    first_id: number
    last_id: number
    root: string
    previous: string
    signature: string
    leaves: Uint8Array
  }
  processes: { id: string; started_at: number; seen_at: number; state: string }
  operator_credentials: OperatorCredentialsTable
  recovery_codes: { code_hash: Uint8Array; operator_id: string }
  passkeys: PasskeysTable
  spent_challenges: { challenge_hash: Uint8Array; expires_at: number }
  invitations: InvitationsTable
  hand_overs: HandOversTable
  connection_requests: ConnectionRequestsTable
  proposals: ProposalsTable
  approval_policy: ApprovalPolicyTable
  brands: BrandsTable
  console_sessions: ConsoleSessionsTable
  changes: { seq: Generated<number>; topic: string; subject: string; at: number; detail: string | null }
}

interface MerchantKeysTable {
  agent_id: string
  id: string
  sealed: Uint8Array
  created_at: number
  retired_at: number | null
  last_used_at: number | null
}

interface BrandsTable {
  agent_id: string
  title: string | null
  accent_color: string | null
  header_color: string | null
  support_url: string | null
  logo: Uint8Array | null
  logo_type: string | null
  logo_width: number | null
  logo_height: number | null
  logo_sha256: string | null
  created_at: number
  updated_at: number
}

interface MembersTable {
  agent_id: string
  user_id: string
  user_name: string
  description: string
  status: MemberStatus
  created_at: number
  updated_at: number
}

export interface MemberSessionsTable extends OpaqueColumns {
  token_hash: Uint8Array
  agent_id: string
  user_id: string
  platform: string
  language: string
  currency: string
  game_code: string | null
  created_at: number
  expires_at: number
  ended_at: number | null
  end_reason: SessionEndReason | null
  kind: Generated<'member' | 'guest'>
  /** SHA-256 of the ticket that may open it; null once used. */
  ticket_hash: Uint8Array | null
  ticket_expires_at: number | null
  entered_at: number | null
  end_acknowledged_at: number | null
}

interface SignedRequestsTable {
  timestamp: number
  agent_id: string
  signature: Uint8Array
  endpoint: string
  unsigned_digest: Uint8Array
  accepted_at: number
  expires_at: number
}

export interface SellersTable {
  id: string
  email: string
  password_hash: string
  status: Enablement
  created_at: number
  updated_at: number
  last_login_at: number | null
  needless_logins: Generated<number>
  labels: Generated<string>
}

export interface SellerSessionsTable {
  sid: string
  seller_id: string
  refresh_hash: Uint8Array
  previous_refresh_hash: Uint8Array | null
  issued_at: number
  /** When the newest refresh token replaced its predecessor, ms; the grace starts here. */
  rotated_at: number | null
  /** SHA-256 of the jti of the last access token presented after a refresh. */
  presented_access_hash: Uint8Array | null
  kid: string
  created_at: number
  idle_expires_at: number
  absolute_expires_at: number
  access_expires_at: number
  ended_at: number | null
  end_reason: SellerSessionEndReason | null
  address: string | null
}

interface SigningKeysTable {
  kid: string
  public_jwk: string
  sealed_private: Uint8Array
  created_at: number
  active_at: number
  retired_at: number | null
  token_life_ms: number
  epoch: string
}

export interface ServicesTable {
  id: string
  status: Enablement
  labels: string
  secret_hash: Uint8Array
  secret_created_at: number
  previous_secret_hash: Uint8Array | null
  previous_good_until: number | null
  created_at: number
  updated_at: number
}

interface CatalogueLimitsTable {
  currency: string
  game_id: string
  red_id: string
  min_limit: string
  max_limit: string
  seq: number
  status: 0 | 1
}

export interface EventsTable {
  id: Generated<number>
  at: number
  kind: string
  surface: string
  actor: string | null
  agent_id: string | null
  subject: string | null
  address: string | null
  request_id: string | null
  code: string | null
  count: number
  details: string | null
}

export interface RefusalsTable extends Omit<EventsTable, 'id'> {
  id: string
  last_at: number
  expires_at: number
}

type DayColumns = { day: number } & Record<HourColumn, Generated<number>>

/** `agent_id` is empty for none. */
interface CallCountsTable {
  span: 'minute' | 'hour'
  at: number
  surface: string
  call: string
  code: string
  agent_id: string
  count: number
}

/** `address` is empty for all merged ones, `key_id` for none. */
interface CallOriginsTable {
  at: number
  agent_id: string
  is_stranger: number
  address: string
  key_id: string
  accepted: number
  refused: number
}

export interface TracesTable {
  id: Generated<number>
  at: number
  request_id: string
  agent_id: string | null
  is_failed: number
  /** JSON text of everything that is not searched. */
  trace: string
}

export interface OperatorsTable {
  id: string
  email: string
  name: string
  role: Role
  /** JSON list; null: not restricted to merchants. */
  agent_ids: string | null
  status: Enablement
  created_at: number
  updated_at: number
  sso_issuer: string | null
  sso_subject: string | null
  /** When the provider last vouched for the account. */
  sso_vouched_at: number | null
  /** The provider's refresh token, sealed. */
  sso_refresh: Uint8Array | null
  /** Until when a process has claimed the next check. */
  sso_check_until: number | null
}

export interface ApiTokensTable {
  id: string
  operator_id: string
  name: string
  token_hash: Uint8Array
  /** JSON lists. */
  rights: string
  agent_ids: string | null
  allow: string
  allow_confirmed: number
  created_at: number
  expires_at: number
  revoked_at: number | null
  last_used_at: number | null
  last_used_address: string | null
}

interface OperatorCredentialsTable {
  operator_id: string
  password_hash: string | null
  sealed_totp: Uint8Array | null
  /** The last step whose code was used. */
  totp_step: number | null
  updated_at: number
}

export interface PasskeysTable {
  /** The credential ID of WebAuthn, base64url. */
  id: string
  operator_id: string
  name: string
  /** COSE. */
  public_key: Uint8Array
  sign_count: number
  /** JSON list. */
  transports: string
  created_at: number
  last_used_at: number | null
}

export interface InvitationsTable {
  id: string
  token_hash: Uint8Array
  operator_id: string
  email: string
  name: string
  role: Role
  agent_ids: string | null
  is_reset: number
  invited_by: string
  created_at: number
  expires_at: number
  used_at: number | null
  revoked_at: number | null
}

export interface ProposalsTable {
  id: string
  operation: string
  /** JSON. */
  input: string
  agent_id: string | null
  read_at: number | null
  reason: string
  proposed_by: string
  proposer_id: string | null
  created_at: number
  expires_at: number
  state: 'open' | 'approved' | 'done' | 'failed' | 'declined' | 'withdrawn'
  decided_by: string | null
  decided_at: number | null
  word: string | null
  problem: string | null
}

export interface ApprovalPolicyTable {
  id: string
  /** JSON lists. */
  operations: string
  agent_ids: string | null
  updated_at: number
}

export interface ConnectionRequestsTable {
  id: string
  device_hash: Uint8Array
  code_hash: Uint8Array
  host: string
  user_name: string
  address: string | null
  address_key: string
  name: string
  rights: string | null
  agent_ids: string | null
  days: number
  allow_confirmed: number
  created_at: number
  expires_at: number
  polled_at: number | null
  poll_seconds: number
  decision: 'allowed' | 'denied' | null
  operator_id: string | null
}

export interface HandOversTable {
  id: string
  token_hash: Uint8Array
  sealed_secret: Uint8Array
  what: string
  agent_id: string | null
  created_at: number
  expires_at: number
}

export interface ConsoleSessionsTable {
  id: string
  operator_id: string
  token_hash: Uint8Array
  method: SignInMethod
  address: string | null
  address_key: string | null
  user_agent: string | null
  created_at: number
  seen_at: number
  expires_at: number
  confirmed_at: number | null
  ended_at: number | null
}
