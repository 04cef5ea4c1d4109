/** Fills a store with a large platform, by SQL that both databases run: what operators' lists read, with the skew that makes lists scan. */

export type Dialect = 'postgres' | 'sqlite'

export interface PlatformSize {
  /** Of them a half belongs to one merchant. */
  readonly members: number
  readonly merchants: number
  readonly sellers: number
  readonly events: number
  readonly refusals: number
  /** Of callers who proved who they are, and as many of strangers. */
  readonly traces: number
}

export function platformOf(members: number): PlatformSize {
  return {
    members,
    merchants: members / 100,
    sellers: members / 10,
    events: members * 10,
    refusals: members,
    traces: Math.min(members, 100_000),
  }
}

/** Who has what, by ID. */
export const platform = {
  /** Has half of the members, sessions, events, refusals and traces. */
  large: 'bench',
  /** Has a tenth of the members; all but the last one are locked. */
  locked: 'locked',
  /** Has a tenth of the members' sessions; all but one have ended. */
  kicked: 'kicked',
  /** Has a twentieth of the events, all among the oldest fifth. */
  left: 'left',
  /** Neither events nor calls name those from the number on. */
  quietFrom: 0.5,
  /** In the oldest event only. */
  rare: { kind: 'approval-policy.updated', subject: 'rare-subject', actor: 'operator:rare', agentId: 'rare', code: 'rare' },
} as const

export function merchantId(number: number): string {
  return `m${String(number).padStart(8, '0')}`
}

/** Of nine characters. */
export function memberId(number: number): string {
  return `u${String(number).padStart(8, '0')}`
}

/** Rows are made in pieces of this size, so that progress shows. */
const pieceRows = 1_000_000
const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000

export interface Piece {
  readonly what: string
  readonly statement: string
}

/**
 * The statements, in order. The store has the merchant `platform.large`, a seller, and operators.
 * @param now of the run, ms
 */
export function* fillPlatform(dialect: Dialect, size: PlatformSize, now: number): Generator<Piece> {
  const { members, merchants, sellers, events, refusals, traces } = size
  const isPostgres = dialect === 'postgres'
  const padded = (prefix: string, number: string, width = 8) =>
    isPostgres ? `'${prefix}' || lpad((${number})::text, ${width}, '0')` : `printf('${prefix}%0${width}d', ${number})`
  const bytes = (number: string) => (isPostgres ? `decode(lpad(to_hex(${number}), 32, '0'), 'hex')` : `unhex(printf('%032x', ${number}))`)
  const one = (values: readonly string[], number: string) =>
    `case (${number}) % ${values.length} ${values.map((value, index) => `when ${index} then ${value}`).join(' ')} end`
  const text = (...values: readonly string[]) => values.map((value) => `'${value}'`)
  const numbers = (from: number, to: number) =>
    isPostgres
      ? `(select i::bigint as i from generate_series(${from}, ${to}) i) n`
      : `(with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to}) select i from n) n`
  function* rows(what: string, count: number, write: (n: string) => string): Generator<Piece> {
    for (let from = 1; from <= count; from += pieceRows)
      yield { what, statement: write(numbers(from, Math.min(count, from + pieceRows - 1))) }
  }
  const busyMerchants = Math.max(1, Math.floor(merchants * platform.quietFrom))
  /** Half of all rows are of the large merchant; every third of the rest of none. */
  const agent = `case when i % 2 = 0 then '${platform.large}' when i % 3 = 0 then null else ${padded('m', `1 + (i / 2) % ${busyMerchants}`)} end`
  const { rare } = platform

  const copyMerchant = (id: string, from: string) =>
    `insert into merchants (agent_id, status, settings, labels, created_at, updated_at)
     select ${id}, ${one(['status', 'status', 'status', "'disabled'"], 'i')}, settings,
       ${one(text('{"tier":"gold","region":"eu"}', '{}', '{"region":"asia"}'), 'i')}, 0, 0 from merchants, ${from} where agent_id = '${platform.large}'`
  yield* rows('merchants', merchants, (n) => copyMerchant(padded('m', 'i'), n))
  for (const id of [platform.locked, platform.kicked, platform.left, rare.agentId])
    yield { what: 'merchants', statement: copyMerchant(`'${id}'`, numbers(1, 1)) }
  yield { what: 'merchants', statement: `update merchants set labels = '{"tier":"unique"}' where agent_id = '${rare.agentId}'` }
  yield {
    what: 'clocks',
    statement: `insert into merchant_clocks (agent_id, difference_ms, measured_at) select agent_id, case when agent_id like '%77' then 90000 else 20 end, ${now} from merchants`,
  }
  // Of disabled merchants, whose keys no server opens, and of which no caller of `callersOf` asks for an explanation: those try the keys of the merchants
  // changed last, of all that the caller may see.
  yield { what: 'merchants', statement: `update merchants set updated_at = 1 where status = 'enabled'` }
  for (const [id, used, which] of [
    ['old', now - 2 * dayMs, '%'],
    ['new', now, '%9'],
  ] as const) {
    const statement = `insert into merchant_keys (agent_id, id, sealed, created_at, last_used_at)
     select agent_id, '${id}', ${bytes('0')}, ${used}, ${used} from merchants where status = 'disabled' and agent_id like '${which}' and agent_id >= '${merchantId(Math.ceil(merchants / 2))}'`
    yield { what: 'keys', statement }
  }
  for (const topic of ['login', 'logout', 'callback', 'fresh-token']) {
    const statement = `insert into merchant_conduct (agent_id, topic, right_at, wrong_at) select agent_id, '${topic}', ${now}, 0 from merchants`
    yield { what: 'conduct', statement }
  }
  yield* rows(
    'brands',
    merchants / 5,
    (n) =>
      `insert into brands (agent_id, title, accent_color, created_at, updated_at) select ${padded('m', 'i * 4')}, 'Brand', '#1a5fb4', 0, 0 from ${n}`,
  )

  const member = (id: string, agentId: string, status: string) => (n: string) =>
    `insert into members (agent_id, user_id, user_name, description, status, created_at, updated_at)
     select ${agentId}, ${id}, ${one([padded('Player', 'i'), "'Player'"], 'i')}, '', ${status}, 0, 0 from ${n} where true on conflict do nothing`
  yield* rows(
    'members',
    members / 2,
    member(padded('u', 'i'), `'${platform.large}'`, `case when i % 1000 = 7 then 'LockBet' else 'Active' end`),
  )
  yield* rows('members', (members * 4) / 10, member(padded('u', 'i'), padded('m', `1 + i % ${merchants}`), "'Active'"))
  yield* rows(
    'members',
    members / 10,
    member(padded('u', 'i'), `'${platform.locked}'`, `case when i = ${members / 10} then 'Active' else 'LockAll' end`),
  )

  // Live ones, as many as half of the members, and those that operators ended.
  const session = (offset: number, agentId: string, user: string, ended: string) => (n: string) =>
    `insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, created_at, expires_at, ended_at, end_reason)
     select ${bytes(`(i * 7919) % 1000003 * 1000000 + i + ${offset}`)}, ${agentId}, ${user}, ${one(text('h5', 'ios', 'android', 'web'), 'i')}, 'en-US', ${one(text('VND2', 'USD', 'EUR'), 'i')},
       ${one(["'101-DYfsRc'", 'null', "'102-aBcDeF'"], 'i')}, ${now} - i % ${20 * hourMs}, ${now} + ${dayMs} - i % ${20 * hourMs}, ${ended}, case when ${ended} is null then null else 'kick' end from ${n}`
  yield* rows('sessions', members / 4, session(0, `'${platform.large}'`, padded('u', `1 + (i * 7) % ${members / 2}`), 'null'))
  yield* rows('sessions', members / 5, session(100_000_000, padded('m', `1 + i % ${busyMerchants}`), padded('u', 'i'), 'null'))
  yield* rows(
    'sessions',
    members / 20,
    session(200_000_000, `'${platform.kicked}'`, padded('u', 'i'), `case when i = ${members / 20} then null else ${now} end`),
  )
  // One member with many sessions, as a load test leaves.
  yield* rows('sessions', members / 1_000, session(300_000_000, `'${platform.large}'`, "'many'", 'null'))

  yield* rows(
    'sellers',
    sellers,
    (n) => `insert into sellers (id, email, password_hash, status, created_at, updated_at)
     select ${padded('s', 'i')}, ${padded('bulk', 'i')} || '@example.com', 'none', case when i % 1000 = 999 then 'disabled' else 'enabled' end, 0, 0 from ${n}`,
  )
  yield* rows(
    'labels of sellers',
    sellers,
    (n) => `insert into seller_labels (label, email)
     select case when i = 7 then 'team=unique' else 'team=slots' end, ${padded('bulk', 'i')} || '@example.com' from ${n} where i % 3 > 0 or i = 7`,
  )
  yield {
    what: 'labels of sellers',
    statement: `update sellers set labels = '{"team":"slots"}' where email in (select email from seller_labels where label = 'team=slots')`,
  }
  const sellerSession = (id: string, seller: string) => (n: string) =>
    `insert into seller_sessions (sid, seller_id, refresh_hash, issued_at, kid, created_at, idle_expires_at, absolute_expires_at, access_expires_at, address)
     select ${id}, ${seller}, ${bytes('i')}, ${now}, 'kid', ${now} - i * 1000, ${now} + ${dayMs}, ${now} + ${dayMs}, ${now} + ${hourMs}, '198.51.100.7' from ${n}`
  yield* rows('seller sessions', sellers, sellerSession(padded('sid', 'i'), padded('s', '1 + i / 2')))
  yield* rows('seller sessions', sellers / 20, sellerSession(padded('many', 'i'), padded('s', '1')))
  yield* rows(
    'throttles',
    sellers,
    (n) => `insert into throttles (key, failures, last_failed_at, tat, expires_at)
     select ${padded('throttle', 'i', 35)}, 1 + i % 9, ${now}, ${now}, ${now} + case when i < ${sellers / 2} then 0 else ${dayMs} end from ${n}`,
  )

  // Kinds, subjects and actors are each as frequent as in a platform whose partners work all day; some pairs of frequent ones never meet.
  const kinds = text(
    'member.viewed',
    'member.created',
    'member.viewed',
    'member.locked',
    'member.updated',
    'seller.password_set',
    'member.created',
    'merchant.updated',
  )
  const event = (id: string) => `${now} - (${events} - ${id}) * 1000`
  yield {
    what: 'events',
    statement: `insert into events (at, kind, surface, agent_id, subject, actor, count) values (${now - events * 1000}, '${rare.kind}', 'admin-api', '${rare.agentId}', '${rare.subject}', '${rare.actor}', 1)`,
  }
  yield* rows(
    'events',
    events,
    (n) => `insert into events (at, kind, surface, agent_id, subject, address, actor, count, details)
     select ${event('i')}, ${one(kinds, 'i / 2')}, case when i % 5 = 0 then 'member-api' else 'admin-api' end,
       case when ${one(kinds, 'i / 2')} = 'seller.password_set' then null when i % 4 = 1 and i < ${events / 5} then '${platform.left}' else ${agent} end,
       ${padded('u', `1 + (i * 13) % ${members / 2}`)}, '198.51.100.' || (i % 250),
       case when i % 5 = 0 then 'merchant:' || coalesce(${agent}, '') when i % 5 < 3 then 'token:frequent' else 'operator:o' || (i % 50) end, 1, '{"by":["userId"]}' from ${n}`,
  )
  // Sealed, or the server would seal them all while it is measured.
  yield {
    what: 'events',
    statement: `insert into seals (number, at, first_id, last_id, root, previous, signature, leaves) select 1, ${now}, 1, max(id), '', '', '', ${bytes('0')} from events`,
  }
  const refusalKinds = text('login_refused', 'login_refused', 'request_refused', 'login_refused')
  yield {
    what: 'refusals',
    statement: `insert into refusals (at, id, last_at, expires_at, kind, surface, agent_id, subject, code, count)
      values (${now - 30 * dayMs}, 'rare', 0, ${now + dayMs}, '${rare.kind}', 'member-api', '${rare.agentId}', '${rare.subject}', '${rare.code}', 1)`,
  }
  yield* rows(
    'refusals',
    refusals,
    (n) => `insert into refusals (at, id, last_at, expires_at, kind, surface, agent_id, subject, address, request_id, code, count)
     select ${now} - i * ${Math.floor((29 * dayMs) / refusals)}, ${padded('r', 'i')}, ${now}, ${now} + ${dayMs}, ${one(refusalKinds, 'i')}, 'member-api',
       case when i % 4 = 2 then null else ${agent} end, ${padded('u', `1 + (i * 13) % ${members / 2}`)}, '198.51.100.7', 'x', '1002', 1 from ${n}`,
  )

  const trace = `'{"surface":"member-api","call":"login","subject":"' || ${padded('u', 'i')} || '","address":"198.51.100.7","code":"0000","steps":[' ||
    '{"name":"fields","passed":true,"fact":"14 fields"},{"name":"merchant","passed":true},{"name":"signature","passed":true,"fact":"key k1"},{"name":"timestamp","passed":true,"fact":"12 ms"},' ||
    '{"name":"address","passed":true,"fact":"198.51.100.0/24"},{"name":"rate","passed":true},{"name":"catalogue","passed":true},{"name":"replay","passed":true}]}'`
  const traceRows = (table: string, agentId: string, failed: string) => (n: string) =>
    `insert into ${table} (at, request_id, agent_id, is_failed, trace) select ${now} - (${traces} - i) * 100, '${table}' || i, ${agentId}, ${failed}, ${trace} from ${n}`
  yield* rows(
    'traces',
    traces,
    traceRows('traces', `case when i = 1 then '${rare.agentId}' else ${agent} end`, 'case when i = 1 then 1 else 0 end'),
  )
  yield* rows('traces', traces, traceRows('stranger_traces', 'null', 'case when i = 1 then 1 else 0 end'))

  // Eight days. Each minute a tenth of a hundredth of the merchants call, each hour half of them.
  const count = (span: string, length: number, callers: number) => (n: string) =>
    `insert into call_counts (span, at, surface, call, code, agent_id, count)
     select '${span}', ${now - (now % length)} - (i / ${callers * 2}) * ${length}, 'member-api', 'login', case when i % 2 = 0 then '0000' else '1002' end,
       case when (i / 2) % ${callers} = 0 then '${platform.large}' else ${padded('m', `1 + ((i / 2) % ${callers}) * ${Math.max(1, Math.floor(busyMerchants / callers))}`)} end, 5 + i % 90 from ${n} where true on conflict do nothing`
  const perMinute = Math.max(2, Math.floor(merchants / 100))
  const perHour = Math.max(2, busyMerchants)
  yield* rows('counts', 8 * 24 * 60 * perMinute * 2, count('minute', minuteMs, perMinute))
  yield* rows('counts', 8 * 24 * perHour * 2, count('hour', hourMs, perHour))
  // As the server keeps them besides.
  const outcome = 'surface, call, code'
  yield {
    what: 'counts',
    statement: `insert into call_totals (span, at, ${outcome}, count) select span, at, ${outcome}, sum(count) from call_counts group by span, at, ${outcome}`,
  }
  const hours = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`)
  const hourSums = hours.map((_, hour) => `sum(case when at % ${dayMs} = ${hour * hourMs} then count else 0 end)`)
  yield {
    what: 'counts',
    statement: `insert into call_days (day, agent_id, ${outcome}, count, ${hours.join(', ')})
     select at - at % ${dayMs}, agent_id, ${outcome}, sum(count), ${hourSums.join(', ')} from call_counts
     where span = 'hour' group by at - at % ${dayMs}, agent_id, ${outcome} order by at - at % ${dayMs}, agent_id`,
  }
  yield {
    what: 'counts',
    statement: `insert into merchant_days (day, agent_id, count, ${hours.join(', ')})
     select day, agent_id, sum(count), ${hours.map((hour) => `sum(${hour})`).join(', ')} from call_days group by day, agent_id order by day, agent_id`,
  }
  const origin = (agentId: string, each: number) => (n: string) =>
    `insert into call_origins (at, agent_id, is_stranger, address, key_id, accepted, refused)
     select ${now - (now % hourMs)} - (i / ${each}) * ${hourMs}, ${agentId}, (i / 100) % 2, '198.51.' || ((i / 100) % 7) || '.' || (i % 100), 'k1', 10, 1 from ${n} where true on conflict do nothing`
  yield* rows('origins', 8 * 24 * 200, origin(`'${platform.large}'`, 200))
  yield* rows('origins', 8 * 24 * perHour, origin(padded('m', `1 + i % ${perHour}`), perHour))

  const fewer = Math.max(10, merchants / 10)
  yield* rows(
    'services',
    fewer,
    (n) =>
      `insert into services (id, status, labels, secret_hash, secret_created_at, created_at, updated_at) select ${padded('service', 'i')}, 'enabled', ${one(text('{"tier":"gold"}', '{}'), 'i')}, ${bytes('i')}, 0, 0, 0 from ${n}`,
  )
  yield* rows(
    'operators',
    fewer,
    (n) =>
      `insert into operators (id, email, name, role, agent_ids, status, created_at, updated_at) select ${padded('o', 'i')}, ${padded('person', 'i')} || '@example.com', 'Person', 'support', null, 'enabled', 0, 0 from ${n}`,
  )
  yield* rows(
    'tokens',
    fewer * 10,
    (n) =>
      `insert into api_tokens (id, operator_id, name, token_hash, rights, allow, allow_confirmed, created_at, expires_at) select ${padded('t', 'i')}, ${padded('o', `1 + i % ${fewer}`)}, 'token', ${bytes('i')}, '["self"]', '[]', 0, 0, ${now} + ${dayMs} from ${n}`,
  )
  const consoleSession = (prefix: string, operator: string) => (n: string) =>
    `insert into console_sessions (id, operator_id, token_hash, method, created_at, seen_at, expires_at) select ${padded(prefix, 'i')}, ${operator}, ${bytes(`i + ${prefix === 'c' ? 0 : 1_000_000_000}`)}, 'passkey', 0, 0, ${now} + ${dayMs} from ${n}`
  yield* rows('console sessions', fewer * 50, consoleSession('c', padded('o', `1 + i % ${fewer}`)))
  yield* rows('console sessions', fewer * 5, consoleSession('d', padded('o', '1')))
  yield* rows(
    'invitations',
    fewer * 2,
    (n) =>
      `insert into invitations (id, token_hash, operator_id, email, name, role, is_reset, invited_by, created_at, expires_at) select ${padded('i', 'i')}, ${bytes('i')}, ${padded('x', 'i')}, ${padded('guest', 'i')} || '@example.com', 'Guest', 'support', 0, 'cli:root@host', 0, ${now} + ${dayMs} from ${n}`,
  )
  yield* rows(
    'proposals',
    fewer * 20,
    (n) => `insert into proposals (id, operation, input, agent_id, reason, proposed_by, created_at, expires_at, state)
    select ${padded('p', 'i')}, 'merchant.update', '{"agentId":"bench","allow":["198.51.100.0/24"]}', ${agent}, 'a new office', 'token:frequent', 0, ${now} + ${dayMs}, case when i = 1 then 'open' else 'declined' end from ${n}`,
  )
  yield* rows(
    'catalogue',
    300,
    (n) =>
      `insert into catalogue_games (game_id, names) select ${padded('1', 'i', 4)}, '{"en-US":"Game"}' from ${n} where true on conflict do nothing`,
  )
  yield* rows(
    'catalogue',
    3_000,
    (n) =>
      `insert into catalogue_tables (game_id, inst_id, names, status) select ${padded('1', '1 + i % 300', 4)}, ${padded('T', 'i')}, '{"en-US":"Table"}', 1 from ${n} where true on conflict do nothing`,
  )
  yield* rows(
    'catalogue',
    20_000,
    (n) =>
      `insert into catalogue_limits (currency, game_id, red_id, min_limit, max_limit, seq, status) select ${one(text('VND2', 'USD', 'EUR'), 'i')}, ${padded('1', '1 + i % 300', 4)}, ${padded('L', 'i')}, '1', '100', i, 1 from ${n} where true on conflict do nothing`,
  )
}
