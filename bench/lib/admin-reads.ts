/**
 * What is asked of every read operation of the admin API in a store that `large-platform.ts` filled: first, middle and last page, each filter, with many
 * matches, with none, and with one far away.
 */
import { type AdminOperationName, adminOperation, adminOperationNames } from '@lobbykey/contract/admin'
import { memberId, merchantId, type PlatformSize, platform } from './large-platform.ts'

export interface Read {
  readonly what: string
  readonly input: Readonly<Record<string, string | number | boolean>>
}

/** What the reads need to know of the store. */
export interface ReadFacts extends PlatformSize {
  /** When it was filled, ms. */
  readonly now: number
  /** A live session of the large merchant. */
  readonly sessionId: string
  /** A member login of the large merchant that was refused for its signature. */
  readonly refusedRequestId: string
}

/** Of callers: null for all merchants. The quiet ones have neither events nor calls. */
export function callersOf({ merchants }: PlatformSize): Readonly<Record<string, readonly string[] | null>> {
  const some = (from: number, count: number) => Array.from({ length: count }, (_, index) => merchantId(from + index))
  const many = Math.min(200, Math.floor(merchants / 4))
  return {
    owner: null,
    'held to a small merchant': some(3, 1),
    'held to the large merchant': [platform.large],
    [`held to ${many} merchants`]: [platform.large, ...some(1, many - 1)],
    [`held to ${many} quiet merchants`]: some(merchants - many, many),
  }
}

/** Reads of each operation, and who asks: those held to merchants too where answers depend on it. */
export function* adminReads(facts: ReadFacts): Generator<Read & { readonly name: AdminOperationName; readonly isForAll: boolean }> {
  const reads: Readonly<Record<string, readonly Read[]>> = readsOf(facts)
  for (const name of adminOperationNames) {
    const { method, reach } = adminOperation(name)
    if (method !== 'GET') continue
    const ofOne = reads[name]
    if (ofOne === undefined || ofOne.length === 0) throw new Error(`bench/lib/admin-reads.ts has no read of ${name}`)
    for (const read of ofOne) yield { name, ...read, isForAll: reach === 'own' }
  }
}

/** The server's own cursor. Callers get it from the page before; the last page would take thousands of pages. */
function cursor(key: string | readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([typeof key === 'string' ? key : JSON.stringify(key)])).toString('base64url')
}

type Input = Read['input']

/** A list, from its start and from the keys given. */
function pages(what: string, input: Input, keys: Readonly<Record<string, Parameters<typeof cursor>[0]>> = {}): Read[] {
  return [
    { what, input },
    ...Object.entries(keys).map(([page, key]) => ({
      what: `${what}${what === '' ? '' : ', '}${page}`,
      input: { ...input, cursor: cursor(key) },
    })),
  ]
}

function readsOf(facts: ReadFacts) {
  const { members, merchants, sellers, events, refusals, traces, now, sessionId, refusedRequestId } = facts
  const { large, locked, kicked, left, rare } = platform
  const time = (before: number) => new Date(now - before).toISOString()
  const [hour, day] = [3_600_000, 86_400_000]
  const each = (name: string, input: Input) => [{ what: name, input }]
  const inMerchants = { 'middle page': merchantId(merchants / 2), 'last page': merchantId(merchants - 5) }
  const few = Math.max(10, merchants / 10)
  const id = (prefix: string, number: number, width = 8) => `${prefix}${String(number).padStart(width, '0')}`

  const eventPages = { 'middle page': [events / 2], 'last page': [20] }
  /** Frequent values that never meet are the worst: every index has half a list of rows that another filter takes out. */
  const eventFilters: Readonly<Record<string, Input>> = {
    kind: { kind: 'member.viewed' },
    'kind of one': { kind: rare.kind },
    'kind of none': { kind: 'nosuch.kind' },
    merchant: { agentId: large },
    'small merchant': { agentId: merchantId(3) },
    'quiet merchant': { agentId: merchantId(merchants - 3) },
    'merchant that left long ago': { agentId: left },
    'merchant that left long ago, and kind': { agentId: left, kind: 'member.viewed' },
    subject: { subject: memberId(14) },
    'subject of one': { subject: rare.subject },
    'subject of none': { subject: 'nosuch' },
    actor: { actor: 'token:frequent' },
    'actor of one': { actor: rare.actor },
    'actor of none': { actor: 'token:nosuch' },
    'kind and merchant': { kind: 'member.viewed', agentId: large },
    'kind and merchant that never meet': { kind: 'seller.password_set', agentId: large },
    'kind and actor that never meet': { kind: 'member.viewed', actor: rare.actor },
    'actor and merchant': { actor: 'token:frequent', agentId: large },
    'actor and merchant that never meet': { actor: 'merchant:', agentId: large },
    'kind, actor and merchant': { kind: 'member.created', actor: 'token:frequent', agentId: large },
    'subject and kind': { subject: memberId(14), kind: 'member.viewed' },
    'subject and merchant that never meet': { subject: memberId(14), agentId: merchantId(4) },
    'first hour': { since: time(events * 1_000), until: time(events * 1_000 - hour) },
    'last day': { since: time(day) },
    'an hour long ago': { since: time((events / 2) * 1_000), until: time((events / 2) * 1_000 - hour) },
    'an hour long ago, of a kind': { since: time((events / 2) * 1_000), until: time((events / 2) * 1_000 - hour), kind: 'member.locked' },
    'before the first': { until: time(events * 1_000 + day) },
    'from tomorrow': { since: time(-day) },
    'merchant and kind, until long ago': { until: time((events / 2) * 1_000), agentId: large, kind: 'member.locked' },
  }
  const refusalStep = Math.floor((29 * day) / refusals)
  const refusalPages = {
    'middle page': [now - (refusals / 2) * refusalStep, id('r', refusals / 2)],
    'last page': [now - (refusals - 5) * refusalStep, id('r', refusals - 5)],
  }
  const refusalFilters: Readonly<Record<string, Input>> = {
    kind: { kind: 'login_refused' },
    'kind of one': { kind: rare.kind },
    'kind of none': { kind: 'nosuch' },
    merchant: { agentId: large },
    'quiet merchant': { agentId: merchantId(merchants - 3) },
    subject: { subject: memberId(14) },
    'subject of one': { subject: rare.subject },
    'kind and merchant that never meet': { kind: 'request_refused', agentId: large },
    'kind and merchant': { kind: 'login_refused', agentId: large },
    'subject and merchant that never meet': { subject: memberId(14), agentId: merchantId(4) },
    'last hour': { since: time(hour) },
    'an hour long ago, of a kind': { since: time(20 * day), until: time(20 * day - hour), kind: 'request_refused' },
  }
  const oldestTrace = now - (traces - 10) * 100
  const traceFilters: Readonly<Record<string, Input>> = {
    merchant: { agentId: large },
    'merchant of one': { agentId: rare.agentId },
    'quiet merchant': { agentId: merchantId(merchants - 3) },
    failed: { failed: true },
    'failed, of a merchant': { failed: true, agentId: large },
    call: { call: 'login' },
    'call of none': { call: 'refresh' },
    code: { code: '9999' },
    address: { address: '203.0.113.9' },
    'subject of two': { subject: memberId(traces / 2) },
    'subject of a merchant': { subject: memberId(traces / 2), agentId: large },
    'last minute': { since: time(60_000) },
    'until long ago': { until: new Date(oldestTrace).toISOString() },
    after: { after: `${traces - 10}.${traces - 10}` },
    'after, of a merchant': { after: `${traces - 10}.${traces - 10}`, agentId: large },
  }
  const countFilters: Readonly<Record<string, Input>> = {
    'last hour': {},
    'last hour by merchant': { by: 'code,merchant', limit: 200 },
    'last hour by merchant, refused': { by: 'merchant', failed: true },
    'last hour by time': { by: 'time,code', limit: 200 },
    'last day': { span: 'hour', by: 'code', limit: 200 },
    'last day by time': { span: 'hour', by: 'time,code', limit: 200 },
    'last day by merchant, refused': { span: 'hour', by: 'merchant', failed: true },
    'last day by merchant': { span: 'hour', by: 'merchant', limit: 200 },
    'last day by all': { span: 'hour', by: 'time,surface,call,code,merchant', limit: 200 },
    'last day of a merchant': { span: 'hour', by: 'time,code', agentId: large, limit: 200 },
    'last day of a quiet merchant': { span: 'hour', by: 'time,code', agentId: merchantId(merchants - 3) },
    'last day, a code of none': { span: 'hour', code: '9999' },
    'eight days': { span: 'hour', by: 'code', since: time(8 * day) },
    'eight days by time': { span: 'hour', by: 'time', since: time(8 * day), limit: 200 },
    'eight days by merchant': { span: 'hour', by: 'merchant', since: time(8 * day), limit: 200 },
    'eight days of a merchant': { span: 'hour', by: 'time', agentId: large, since: time(8 * day), limit: 200 },
    'eight days by the minute': { span: 'minute', by: 'code', since: time(8 * day) },
    'eight days of a merchant by the minute': { span: 'minute', by: 'time', agentId: large, since: time(8 * day), limit: 200 },
  }
  const filtered = (filters: Readonly<Record<string, Input>>) => Object.entries(filters).flatMap(([what, input]) => pages(what, input))

  return {
    'merchant.list': [
      ...pages('', {}, inMerchants),
      ...pages('200 a page', { limit: 200 }, inMerchants),
      ...filtered({
        q: { q: 'm0000' },
        'q of one': { q: merchantId(merchants - 1) },
        'q of none': { q: 'nosuch' },
        enabled: { status: 'enabled' },
        disabled: { status: 'disabled' },
        label: { label: 'tier=gold' },
        'label of one': { label: 'tier=unique' },
        'label of none': { label: 'tier=nosuch' },
        'clock off': { due: 'clock' },
        'old key': { due: 'key' },
        'q, status and label': { q: 'm', status: 'disabled', label: 'region=asia' },
      }),
    ],
    'merchant.show': each('', { agentId: large }),
    'merchant.certificate': each('', { agentId: large }),
    'merchant.test-address': each('', { agentId: large, address: '198.51.100.7' }),
    'brand.list': pages('', {}, inMerchants),
    'brand.show': each('', { agentId: merchantId(8) }),
    'service.list': [
      ...pages('', {}, { 'last page': id('service', few - 5) }),
      ...filtered({ label: { label: 'tier=gold' }, 'label of none': { label: 'tier=nosuch' } }),
    ],
    'service.show': each('', { serviceId: id('service', 3) }),
    'operator.list': pages('', {}, { 'last page': `${id('person', few - 5)}@example.com` }),
    'operator.show': each('', { operatorId: id('o', 3) }),
    'token.list': [
      ...pages('', {}, { 'last page': id('t', 5) }),
      ...filtered({ operator: { operatorId: id('o', 3) }, 'operator of none': { operatorId: 'nosuch' } }),
    ],
    'catalogue.show': each('', {}),
    'catalogue.games': pages('', {}, { 'last page': id('1', 295, 4) }),
    'catalogue.game': each('', { gameId: id('1', 150, 4) }),
    'catalogue.limits': [
      ...pages('', {}, { 'last page': `VND2 ${id('1', 300, 4)} L00000000` }),
      ...filtered({
        currency: { currency: 'USD' },
        'currency of none': { currency: 'XXX' },
        game: { gameId: id('1', 150, 4) },
        'game of none': { gameId: 'nosuch' },
        'currency and game': { currency: 'USD', gameId: id('1', 149, 4) },
      }),
    ],
    'catalogue.export': filtered({ json: { form: 'json' }, csv: { form: 'csv' } }),
    'keys.list': pages('', {}),
    'status.show': each('', {}),
    'member.list': [
      ...pages('', { agentId: large }, { 'middle page': memberId(members / 4), 'last page': memberId(members / 2 - 5) }),
      ...pages('200 a page', { agentId: large, limit: 200 }),
      ...pages(
        'name',
        { agentId: large, name: 'Player' },
        { 'middle page': `Player ${memberId(members / 4)}`, 'last page': `Player9 ${memberId(1)}` },
      ),
      ...filtered({
        q: { agentId: large, q: memberId(members / 4).slice(0, -3) },
        'q of none': { agentId: large, q: 'nosuch' },
        'name of one': { agentId: large, name: `Player${memberId(1_000).slice(1)}` },
        'name of none': { agentId: large, name: 'Nobody' },
        active: { agentId: large, status: 'Active' },
        'active, the last of many locked': { agentId: locked, status: 'Active' },
        'active, of many locked by q': { agentId: locked, status: 'Active', q: 'u' },
        locked: { agentId: locked, status: 'LockAll' },
        'locked few': { agentId: large, status: 'LockBet' },
        'locked none': { agentId: large, status: 'LockAll' },
        'locked by q': { agentId: large, status: 'LockBet', q: 'u0' },
        after: { agentId: large, after: memberId(members / 2 - 5) },
      }),
    ],
    'member.show': each('', { agentId: large, userId: memberId(members / 4) }),
    'member-session.list': [
      ...pages('', { agentId: large }, { 'middle page': memberId(members / 4), 'last page': memberId(members / 2 - 50) }),
      ...pages('one of many ended', { agentId: kicked }, { 'last page': memberId(members / 20 - 5) }),
      ...filtered({
        member: { agentId: large, userId: memberId(8) },
        'member of none': { agentId: large, userId: 'nosuch' },
        'member with many': { agentId: large, userId: 'many' },
        'member with many, 200 a page': { agentId: large, userId: 'many', limit: 200 },
        after: { agentId: large, after: memberId(members / 4) },
      }),
    ],
    'member-session.show': each('', { agentId: large, sessionId }),
    'member-session.count': each('', {}),
    'member-session.summary': [
      ...each('of the large merchant', { agentId: large }),
      ...each('of many ended', { agentId: kicked }),
      ...each('of a small one', { agentId: merchantId(3) }),
    ],
    'member-session.summaries': [...pages('', {}, inMerchants), ...pages('200 a page', { limit: 200 })],
    'trace.list': [
      ...pages('', {}, { 'middle page': [now - (traces / 2) * 100, 0, traces / 2], 'last page': [oldestTrace, 0, 10] }),
      ...filtered(traceFilters),
    ],
    'trace.show': [
      ...each('', { requestId: `traces${traces - 7}` }),
      ...each('of a stranger', { requestId: `stranger_traces${traces - 7}` }),
    ],
    'trace.explain': each('', { requestId: refusedRequestId }),
    'call-count.list': filtered(countFilters),
    'call-count.top': filtered(countFilters),
    'call-origin.list': filtered({
      'last day': { agentId: large },
      'eight days': { agentId: large, since: time(8 * day) },
      'of a small merchant': { agentId: merchantId(3) },
      'of a quiet merchant': { agentId: merchantId(merchants - 3) },
    }),
    'event.list': [
      ...pages('', {}, eventPages),
      ...pages('200 a page', { limit: 200 }),
      ...filtered(eventFilters),
      ...pages('kind', { kind: 'member.viewed' }, eventPages).slice(1),
      ...pages('merchant', { agentId: large }, eventPages).slice(1),
      ...pages('after', { after: events - 10 }),
      ...pages('after, of a kind', { after: events / 2, kind: rare.kind }),
    ],
    'refusal.list': [
      ...pages('', {}, refusalPages),
      ...filtered(refusalFilters),
      ...pages('merchant', { agentId: large }, refusalPages).slice(1),
    ],
    'account.show': each('', {}),
    'passkey.list': pages('', {}),
    'console-session.list': [...pages('', {}), ...pages('of an operator', { operatorId: id('o', 1) }, { 'last page': id('c', 5) })],
    'invitation.list': pages('', {}, { 'last page': id('i', 5) }),
    'proposal.list': [...pages('', {}, { 'last page': id('p', 5) }), ...pages('open', { open: true })],
    'proposal.show': each('', { proposalId: id('p', 4) }),
    'approval-policy.show': each('', {}),
    'seller.list': [
      ...pages('', {}, { 'middle page': `${id('bulk', sellers / 2)}@example.com`, 'last page': `${id('bulk', sellers - 5)}@example.com` }),
      ...filtered({
        q: { q: id('bulk', 1).slice(0, -4) },
        'q of one': { q: `${id('bulk', sellers - 1)}@` },
        'q of none': { q: 'nosuch' },
        enabled: { status: 'enabled' },
        disabled: { status: 'disabled' },
        'disabled by q': { status: 'disabled', q: 'bulk0' },
        label: { label: 'team=slots' },
        'label of one': { label: 'team=unique' },
        'label of none': { label: 'team=nosuch' },
        'label, q and status': { label: 'team=slots', status: 'disabled', q: 'bulk0' },
        'label, late': { label: 'team=slots', after: `${id('bulk', sellers - 30)}@example.com` },
        after: { after: `${id('bulk', sellers - 5)}@example.com` },
      }),
    ],
    'seller.show': [...each('by ID', { sellerId: id('s', 3) }), ...each('by e-mail', { sellerId: `${id('bulk', 3)}@example.com` })],
    'seller-session.list': pages('', { sellerId: id('s', 1) }),
    'throttle.list': [
      ...pages('', {}, { 'last page': id('throttle', sellers - 5, 35) }),
      ...filtered({ account: { email: `${id('bulk', 3)}@example.com` }, address: { address: '198.51.100.7' } }),
    ],
  }
}
