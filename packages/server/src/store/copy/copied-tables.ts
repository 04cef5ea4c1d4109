import { dayTables } from '../sql/call-days.ts'
import type { Tables } from '../sql/tables.ts'

export interface CopiedTable {
  readonly name: Exclude<keyof Tables, 'schema_migrations'>
  /** The primary key, by which rows are paged: both dialects sort these types alike. */
  readonly key: readonly string[]
  /** Whether the database numbers its rows. */
  readonly isNumbered: boolean
}

/** Every table, referenced tables first. */
const keys: { readonly [Name in CopiedTable['name']]: readonly (keyof Tables[Name])[] } = {
  meta: ['name'],
  signing_keys: ['kid'],
  services: ['id'],
  merchants: ['agent_id'],
  merchant_keys: ['agent_id', 'id'],
  merchant_clocks: ['agent_id'],
  merchant_conduct: ['agent_id', 'topic'],
  brands: ['agent_id'],
  catalogue_games: ['game_id'],
  catalogue_tables: ['game_id', 'inst_id'],
  catalogue_limits: ['currency', 'game_id', 'red_id'],
  sellers: ['id'],
  seller_labels: ['label', 'email'],
  password_resets: ['seller_id'],
  seller_addresses: ['seller_id', 'address_key'],
  seller_sessions: ['sid'],
  throttles: ['key'],
  members: ['agent_id', 'user_id'],
  member_sessions: ['token_hash'],
  signed_requests: ['timestamp', 'agent_id', 'signature'],
  operators: ['id'],
  api_tokens: ['id'],
  operator_credentials: ['operator_id'],
  recovery_codes: ['code_hash'],
  passkeys: ['id'],
  spent_challenges: ['challenge_hash'],
  invitations: ['id'],
  hand_overs: ['id'],
  connection_requests: ['id'],
  proposals: ['id'],
  approval_policy: ['id'],
  console_sessions: ['id'],
  idempotent_answers: ['key_hash'],
  events: ['id'],
  seals: ['number'],
  refusals: ['at', 'id'],
  call_counts: ['span', 'at', 'surface', 'call', 'code', 'agent_id'],
  call_totals: ['span', 'at', 'surface', 'call', 'code'],
  ...dayTables,
  call_origins: ['at', 'agent_id', 'is_stranger', 'address', 'key_id'],
  call_batches: ['id'],
  traces: ['id'],
  stranger_traces: ['id'],
  processes: ['id'],
  changes: ['seq'],
}

const numbered: readonly CopiedTable['name'][] = ['events', 'traces', 'stranger_traces', 'changes']

export const copiedTables: readonly CopiedTable[] = (Object.keys(keys) as CopiedTable['name'][]).map((name) => ({
  name,
  key: keys[name],
  isNumbered: numbered.includes(name),
}))
