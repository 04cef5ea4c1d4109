/** The store fails between a deed of an operator and its answer: what was done is answered when asked again, and what was not done can be done. */
import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { GatewayError } from '@lobbykey/contract'
import { sql } from 'kysely'
import type { SqlStore } from '../../../src/store/open-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { LostCommitProxy } from '../../support/lost-commit-proxy.ts'
import { ConsoleVisitor, enrol, type Member } from '../../support/operator-accounts.ts'
import { type StoreKind, testStores } from '../../support/stores.ts'

interface Create {
  readonly path: string
  readonly body: object
  /** An event that it records once. */
  readonly event: string
}

const creates: readonly Create[] = [
  {
    path: '/merchants',
    body: { agentId: 'newcomer', currencies: ['USD'], allow: ['127.0.0.1'], handOver: true },
    event: 'hand-over.added',
  },
  { path: '/merchants/agent001/keys', body: {}, event: 'merchant.key_added' },
  { path: '/merchants/agent001/members', body: { userId: 'newcomer' }, event: 'member.created' },
  { path: '/services', body: { serviceId: 'newcomer' }, event: 'service.added' },
  { path: '/services/newcomer/secret', body: {}, event: 'service.secret_rotated' },
  { path: '/sellers', body: { email: 'newcomer@example.com', password: 'walnut-harbour-lantern' }, event: 'seller.added' },
  { path: '/sellers/newcomer@example.com/reset-link', body: {}, event: 'seller.password_reset_issued' },
  { path: '/tokens', body: { name: 'newcomer' }, event: 'token.added' },
  { path: '/invitations', body: { email: 'invited@example.com', name: 'Invited', role: 'auditor' }, event: 'invitation.added' },
  { path: '/signing-keys', body: {}, event: 'signing-key.created' },
  {
    path: '/proposals',
    body: { operation: 'merchant.disable', input: { agentId: 'agent001' }, reason: 'because' },
    event: 'proposal.added',
  },
]

const settings = { adminPort: 8081 }

for (const storeKind of testStores()) {
  describe(`answers of the admin API that the store lost (${storeKind.name})`, () => {
    let gateway: TestGateway
    let owner: string
    const create = (node: TestGateway, { path, body }: Create) =>
      adminCall(node, owner, 'POST', path, { body, headers: { 'idempotency-key': `once ${path}`.replaceAll(' ', '-') } })
    const countOf = async (kind: string) => (await gateway.store.events.list({ kind, limit: 200 })).length
    const propose = async (proposer: Member, entry: string) => {
      const body = { operation: 'merchant.update', input: { agentId: 'agent001', allow: [entry] }, reason: 'we move' }
      return `/proposals/${(await proposer.visitor.call('POST', '/proposals', body)).json.proposalId}`
    }
    const allowed = async () => (await gateway.store.merchants.load(['agent001']))[0]?.settings.allow

    before(async () => {
      gateway = await startTestGateway({ storeKind, settings })
      owner = await addToken(gateway, await addOperator(gateway, 'owner'))
    })
    after(() => gateway.close())

    test('[check 74] a create is done with its answer or not at all, and its key is good for the next try', async () => {
      for (const wanted of creates) {
        const before = await countOf(wanted.event)
        const mend = await refuseRows(gateway.store as SqlStore, 'idempotent_answers')
        const broken = await create(gateway, wanted)
        assert.ok(broken.status >= 500, `${wanted.path} ${broken.status} ${JSON.stringify(broken.json)}`)
        assert.equal(await countOf(wanted.event), before, wanted.path)
        await mend()
        const done = await create(gateway, wanted)
        assert.equal(done.status, 201, `${wanted.path} ${JSON.stringify(done.json)}`)
        assert.deepEqual((await create(gateway, wanted)).json, done.json, wanted.path)
        assert.equal(await countOf(wanted.event), before + 1, wanted.path)
      }
    })

    test('[check 74] a create that was done and answered 503 is answered when it is repeated, on any node, and done once', async (t) => {
      const fresh = await startTestGateway({ storeKind, settings })
      t.after(() => fresh.close())
      const token = await addToken(fresh, await addOperator(fresh, 'owner'))
      const other = await openLosingNode(t, fresh, storeKind)
      for (const { path, body, event } of creates) {
        const ask = (node: TestGateway) => adminCall(node, token, 'POST', path, { body, headers: { 'idempotency-key': `once${path}` } })
        const kinds = async () => (await fresh.store.events.list({ kind: event, limit: 200 })).length
        const before = await kinds()
        other.loseNext('idempotent_answers')
        const lost = await ask(other.node)
        assert.deepEqual([lost.status, lost.headers['retry-after']], [503, '1'], `${path} ${JSON.stringify(lost.json)}`)
        assert.equal(await kinds(), before + 1, `${path}: it was done`)
        const again = await ask(fresh)
        assert.equal(again.status, 201, `${path} ${JSON.stringify(again.json)}`)
        assert.deepEqual((await ask(other.node)).json, again.json)
        assert.equal(await kinds(), before + 1, `${path}: once`)
      }
    })

    test('[check 93] an approved change is done and told in one: if that fails the proposal waits on, and the approver repeats it', async () => {
      const [proposer, approver] = [await enrol(gateway, 'manager'), await enrol(gateway, 'manager')]
      const path = await propose(proposer, '192.0.2.1')
      const before = await allowed()
      const mend = await refuseRows(gateway.store as SqlStore, 'proposals')
      assert.ok((await approver.visitor.call('POST', `${path}/approve`, {})).status >= 500)
      await mend()
      assert.deepEqual(await allowed(), before)
      const { items } = (await approver.visitor.call('GET', '/proposals?open=true')).json
      assert.ok(items.some(({ proposalId }: { proposalId: string }) => path.endsWith(proposalId)))
      assert.equal((await approver.visitor.call('POST', `${path}/approve`, {})).json.state, 'done')
      assert.deepEqual(await allowed(), ['192.0.2.1'])
    })

    test('[check 93] a decision that was made and answered 503 is answered when its maker repeats it, and nobody else decides', async (t) => {
      const [proposer, approver, third] = [
        await enrol(gateway, 'manager'),
        await enrol(gateway, 'manager'),
        await enrol(gateway, 'manager'),
      ]
      const other = await openLosingNode(t, gateway, storeKind)
      const elsewhere = new ConsoleVisitor(other.node)
      elsewhere.cookie = approver.visitor.cookie
      const approved = await propose(proposer, '192.0.2.2')
      const before = await countOf('merchant.updated')
      other.loseNext('merchant.updated')
      assert.equal((await elsewhere.call('POST', `${approved}/approve`, {})).status, 503)
      for (const visitor of [approver.visitor, elsewhere])
        assert.equal((await visitor.call('POST', `${approved}/approve`, {})).json.state, 'done')
      assert.equal((await third.visitor.call('POST', `${approved}/approve`, {})).json.key, 'conflict')
      assert.equal((await approver.visitor.call('POST', `${approved}/decline`, { word: 'no' })).json.key, 'conflict')
      assert.equal(await countOf('merchant.updated'), before + 1)
    })

    test('[check 93] an approved proposal whose process ended before it was done waits for a decision again after a minute', async () => {
      const [proposer, approver] = [await enrol(gateway, 'manager'), await enrol(gateway, 'manager')]
      const path = await propose(proposer, '192.0.2.3')
      const id = path.split('/').at(-1) ?? ''
      const now = gateway.clock.now()
      const decision = { state: 'approved', decidedBy: 'operator:gone', decidedAt: now, word: null, stuckSince: 0 } as const
      await gateway.store.proposals.decide(id, decision, { at: now, kind: 'proposal.approved', surface: 'admin-api', subject: id })
      const approve = () => approver.visitor.call('POST', `${path}/approve`, {})
      assert.deepEqual([(await approve()).json.key, (await approver.visitor.call('GET', path)).json.state], ['conflict', 'approved'])
      gateway.clock.advance(60_000)
      assert.equal((await approver.visitor.call('GET', path)).json.state, 'open')
      const { items } = (await approver.visitor.call('GET', '/proposals?open=true')).json
      assert.ok(items.some(({ proposalId }: { proposalId: string }) => proposalId === id))
      assert.equal((await approve()).json.state, 'done')
      assert.deepEqual(await allowed(), ['192.0.2.3'])
    })

    test('a kick is approved in steps, since no transaction can hold it', async () => {
      const [proposer, approver] = [await enrol(gateway, 'owner'), await enrol(gateway, 'owner')]
      const body = { operation: 'member.kick-merchant', input: { agentId: 'agent001' }, reason: 'cheating' }
      const { proposalId } = (await proposer.visitor.call('POST', '/proposals', body)).json
      assert.equal((await approver.visitor.call('POST', `/proposals/${proposalId}/approve`, {})).json.state, 'done')
    })
  })
}

/** From now on the database refuses to change rows of a table, as a full or broken one does. @returns a function that ends it */
async function refuseRows({ database }: SqlStore, table: string): Promise<() => Promise<void>> {
  const run = async (...statements: string[]) => {
    for (const statement of statements) await database.run((db) => sql.raw(statement).execute(db))
  }
  if (database.dialect === 'sqlite') {
    await run(`create trigger refused before update on ${table} when new.rowid = old.rowid begin select raise(abort, 'no room'); end`)
    return () => run('drop trigger refused')
  }
  await run(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$`,
    `create trigger refused before update on ${table} for each statement execute function refuse()`,
  )
  return () => run(`drop trigger refused on ${table}`, 'drop function refuse')
}

/** A second node, which loses the answer of the next transaction that contains a text after it was committed. */
async function openLosingNode(t: TestContext, gateway: TestGateway, storeKind: StoreKind) {
  if (storeKind.name === 'postgres') {
    const proxy = await LostCommitProxy.start(gateway.settings.databaseUrl)
    const node = await gateway.openOn(proxy.url)
    t.after(async () => {
      await node.close()
      proxy.close()
    })
    const loseNext = (text: string) => {
      proxy.loseCommitOf = text
    }
    return { node, loseNext }
  }
  // No connection can break here: only the last step, telling what was committed, is left to fail.
  const node = await gateway.openSecondNode()
  t.after(() => node.close())
  const loseNext = (_text: string) => {
    const { together } = node.store
    const lost = t.mock.method(node.store, 'together', async (work: (store: Store) => Promise<unknown>) => {
      await together(work)
      lost.mock.restore()
      throw new GatewayError('store_unavailable', { retryAfterMs: 1_000 })
    })
  }
  return { node, loseNext }
}
