import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { memberImportLinesMax, memberLogin } from '@lobbykey/contract'
import { encodePurpose } from '@lobbykey/contract/admin'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { sampleBody, sendCall } from '../../support/signed-calls.ts'
import { testStores } from '../../support/stores.ts'

const agentId = 'agent001'
const base = `/merchants/${agentId}`

for (const storeKind of testStores()) {
  describe(`members by the admin API on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let support: string
    let manager: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      support = await addToken(gateway, await addOperator(gateway, 'support'))
      manager = await addToken(gateway, await addOperator(gateway, 'manager'))
    })
    after(() => gateway.close())
    type Call = Parameters<typeof adminCall> extends [unknown, unknown, ...infer Rest] ? Rest : never
    const call = (...[method, path, options]: Call) => adminCall(gateway, support, method, `${base}${path}`, options)
    const manage = (...[method, path, options]: Call) => adminCall(gateway, manager, method, `${base}${path}`, options)
    const idsOf = ({ json }: { json: { items: { userId: string }[] } }) => json.items.map(({ userId }) => userId)
    const eventsOf = (subject: string) => gateway.store.events.list({ subject, limit: 20 })
    const logIn = async (userId: string, token: string) => {
      const body = sampleBody(memberLogin, gateway.clock.now(), { user_id: userId, token })
      assert.equal(((await sendCall(gateway, memberLogin, body)).json as { code: number }).code, 200)
    }

    test('[check 97] a member is created, changed under If-Match and erased; its events contain no value of it', async () => {
      const added = await manage('POST', '/members', { body: { userId: 'api_1', userName: 'Name_One', desc: 'd one' } })
      assert.deepEqual([added.status, added.json.userName, added.json.status], [201, 'Name_One', 'Active'])
      const { etag } = (await manage('GET', '/members/api_1')).headers as { etag: string }
      const changed = await manage('PATCH', '/members/api_1', { body: { userName: 'Name_Two' }, headers: { 'if-match': etag } })
      assert.deepEqual([changed.status, changed.json.userName, changed.json.desc], [200, 'Name_Two', 'd one'])
      const late = await manage('PATCH', '/members/api_1', { body: { desc: '' }, headers: { 'if-match': etag } })
      assert.deepEqual([late.status, late.json.key], [412, 'changed_meanwhile'])
      assert.equal(
        (await manage('PATCH', '/members/api_1', { body: { colour: 'red' }, headers: { 'if-match': etag } })).json.field,
        'colour',
      )
      assert.equal((await manage('POST', '/members?validateOnly=true', { body: { userId: 'api_1' } })).json.key, 'member_exists')
      assert.equal((await manage('DELETE', '/members/api_1?validateOnly=true')).status, 200)
      assert.equal((await manage('DELETE', '/members/api_1')).status, 200)
      const events = await eventsOf('api_1')
      assert.deepEqual(
        events.map(({ kind, details }) => [kind, details]),
        [
          ['member.erased', undefined],
          ['member.updated', { changed: ['user_name'] }],
          ['member.viewed', {}],
          ['member.created', undefined],
        ],
      )
      for (const { actor, surface } of events) assert.deepEqual([actor?.slice(0, 6), surface], ['token:', 'admin-api'])
      assert.doesNotMatch(JSON.stringify(events), /Name_|d one/)
    })

    test('an import takes the right to create members, names the lines that it refuses, and its events name the token', async () => {
      const text = 'user_id,user_name,status\nim_1,Ann,\nim_2,Bob,locked\nuid001,Cy,LockAll'
      assert.equal((await call('POST', '/members/import', { body: { form: 'csv', text } })).status, 403)
      const rehearsed = await manage('POST', '/members/import?validateOnly=true', { body: { form: 'csv', text } })
      const done = await manage('POST', '/members/import', { body: { form: 'csv', text } })
      assert.deepEqual(done.json, rehearsed.json)
      assert.deepEqual([done.json.added, done.json.existing, done.json.refused[0].line], [1, 1, 3])
      const [event] = await eventsOf('im_1')
      assert.deepEqual([event?.kind, event?.surface, event?.actor?.slice(0, 6)], ['member.imported', 'admin-api', 'token:'])
      const large = await manage('POST', '/members/import', { body: { form: 'csv', text: 'a'.repeat(4 * 1024 * 1024) } })
      assert.deepEqual([large.status, large.json.title], [413, 'The body is larger than this call takes.'])
      const long = await manage('POST', '/members/import', { body: { form: 'csv', text: '\n'.repeat(memberImportLinesMax) } })
      assert.deepEqual([long.status, /more than 5000 lines/.test(long.json.detail)], [400, true])
    })

    test('a line of more cells than a turn of the event loop reads is refused, and the next one is read', async () => {
      const lines = ['user_id,user_name', ','.repeat(65_537), 'wide_1,Ann', `wide_2,Bob${','.repeat(16_384)}`]
      const { json } = await manage('POST', '/members/import', { body: { form: 'csv', text: lines.join('\n') } })
      assert.deepEqual(json, { added: 2, existing: 0, refused: [{ line: 2, reason: 'is longer than 65536 characters' }] })
      const heading = await manage('POST', '/members/import', { body: { form: 'csv', text: ','.repeat(65_537) } })
      assert.deepEqual([heading.status, heading.json.detail], [400, 'line 1 is longer than 65536 characters'])
    })

    test('a rehearsed import waits for nobody, whatever another call is writing', { skip: storeKind.name === 'sqlite' }, async () => {
      const text = 'user_id,user_name,status\nheld_1,Ann,LockAll\nheld_2,Bob,LockAll\nheld_2,Again,\nuid001,Cy,'
      const at = gateway.clock.now()
      const held = { agentId, userId: 'held_1', userName: 'Held', desc: '', status: 'LockAll', createdAt: at, updatedAt: at } as const
      const rehearsed = await gateway.store.together(async ({ members }) => {
        await members.createMany({ agentId, members: [held], now: at }, [])
        return manage('POST', '/members/import?validateOnly=true', { body: { form: 'csv', text } })
      })
      assert.deepEqual([rehearsed.status, rehearsed.json], [200, { added: 2, existing: 2, refused: [] }])
    })

    test('an import waits for the one before it, so that both take one connection of the store', {
      skip: storeKind.name === 'sqlite',
    }, async () => {
      const at = gateway.clock.now()
      const held = { agentId, userId: 'queue_1', userName: 'Held', desc: '', status: 'Active', createdAt: at, updatedAt: at } as const
      const order: string[] = []
      const send = async (name: string) => {
        await manage('POST', '/members/import', { body: { form: 'csv', text: `user_id,user_name\n${name},Ann` } })
        order.push(name)
      }
      const sent = await gateway.store.together(async ({ members }) => {
        await members.createMany({ agentId, members: [held], now: at }, [])
        const first = send('queue_1')
        // Time enough for the first to begin, and for the second to end if it did not wait.
        for (let n = 0; n < 3; n++) await call('GET', '/members?q=queue_')
        const second = send('queue_2')
        for (let n = 0; n < 3; n++) await call('GET', '/members?q=queue_')
        return [first, second]
      })
      await Promise.all(sent)
      assert.deepEqual(order, ['queue_1', 'queue_2'])
    })

    test('members are found by prefix of ID or name, and by status, page by page', async () => {
      const names = { find_a: 'Zoe', find_b: 'Zoe', find_c: 'Yves', find_d: 'Zora' }
      for (const [userId, userName] of Object.entries(names)) await manage('POST', '/members', { body: { userId, userName } })
      await call('POST', '/members/find_c/lock', { body: { status: 'LockBet' } })
      await call('POST', '/members/find_d/lock', { body: {} })
      assert.deepEqual(idsOf(await call('GET', '/members?q=find_')), ['find_a', 'find_b', 'find_c', 'find_d'])
      assert.deepEqual(idsOf(await call('GET', '/members?q=find_&after=find_b')), ['find_c', 'find_d'])
      assert.deepEqual(idsOf(await call('GET', '/members?q=find_&status=LockBet')), ['find_c'])
      assert.deepEqual(idsOf(await call('GET', '/members?q=find_&status=Active')), ['find_a', 'find_b'])
      assert.deepEqual(idsOf(await call('GET', '/members?name=Zo')), ['find_a', 'find_b', 'find_d'])
      for (const filter of ['q=find_', 'name=Zo']) {
        const whole = idsOf(await call('GET', `/members?${filter}`))
        const pages: string[] = []
        for (let cursor = ''; ; ) {
          const page = await call('GET', `/members?${filter}&limit=1${cursor}`)
          pages.push(...idsOf(page))
          if (page.json.nextCursor === null) break
          cursor = `&cursor=${page.json.nextCursor}`
        }
        assert.deepEqual(pages, whole)
      }
      for (const [query, field] of [
        ['name=Zo&q=find_', 'q'],
        ['name=Zo&status=Active', 'status'],
        ['q=%00', 'q'],
        ['cursor=nonsense', 'cursor'],
        [`cursor=${Buffer.from('["\\u0000"]').toString('base64url')}`, 'cursor'],
        [`after=find_a&cursor=${Buffer.from('["a"]').toString('base64url')}`, 'after'],
      ] as const) {
        const refused = await call('GET', `/members?${query}`)
        assert.deepEqual([refused.status, refused.json.field], [400, field], query)
      }
      const [viewed] = await gateway.store.events.list({ kind: 'member.viewed', agentId, limit: 1 })
      assert.deepEqual(viewed?.details, { by: ['name'], count: 1 }, 'names are not told')
    })

    test('[check 97] a lock records the status before and after, and ends the sessions', async () => {
      await manage('POST', '/members', { body: { userId: 'lock_1' } })
      await logIn('lock_1', 'token_of_lock_1')
      assert.equal((await call('GET', '/sessions?userId=lock_1')).json.items.length, 1)
      assert.deepEqual((await call('POST', '/members/lock_1/lock', { body: {} })).json.status, 'LockAll')
      assert.equal((await call('GET', '/sessions?userId=lock_1')).json.items.length, 0)
      assert.equal((await call('POST', '/members/lock_1/unlock', { body: {} })).json.status, 'Active')
      const details = (await eventsOf('lock_1')).filter(({ kind }) => /locked$/.test(kind)).map((event) => event.details)
      assert.deepEqual(details, [
        { before: { status: 'LockAll' }, after: { status: 'Active' } },
        { before: { status: 'Active' }, after: { status: 'LockAll' } },
      ])
    })

    test('[check 64] sessions are listed by merchant and by member, shown, and ended one by one or all', async () => {
      for (const userId of ['ses_a', 'ses_b']) await manage('POST', '/members', { body: { userId } })
      for (const [userId, token] of [
        ['ses_a', 'ses_a_token_1'],
        ['ses_a', 'ses_a_token_2'],
        ['ses_b', 'ses_b_token_1'],
      ] as const) {
        await logIn(userId, token)
      }
      const listed = await call('GET', '/sessions')
      assert.deepEqual(idsOf(listed), ['ses_a', 'ses_a', 'ses_b'])
      assert.doesNotMatch(JSON.stringify(listed.json), /_token_|callback/)
      const first = await call('GET', '/sessions?limit=1')
      assert.deepEqual(idsOf(await call('GET', `/sessions?limit=1&cursor=${first.json.nextCursor}`)), ['ses_a'])
      assert.deepEqual(idsOf(await call('GET', '/sessions?after=ses_a')), ['ses_b'])
      const { sessionId } = listed.json.items[0]
      assert.equal((await call('GET', `/sessions/${sessionId}`)).json.endedAt, null)
      const elsewhere = `/merchants/agent007/sessions/${sessionId}`
      assert.equal((await adminCall(gateway, support, 'GET', elsewhere)).status, 404)
      assert.equal((await adminCall(gateway, support, 'POST', `${elsewhere}/end`, { body: {} })).status, 404)

      assert.equal((await call('POST', '/kick?validateOnly=true', { body: {} })).json.ended, 3)
      assert.equal((await call('POST', '/members/ses_a/kick?validateOnly=true', { body: { waitSeconds: 60 } })).json.ended, 2)
      assert.equal((await call('POST', `/sessions/${sessionId}/end?validateOnly=true`, { body: {} })).json.ended, true)
      assert.equal((await call('GET', '/session-summary')).json.sessions, 3)
      assert.equal((await call('POST', `/sessions/${sessionId}/end`, { body: {} })).json.ended, true)
      assert.equal((await call('POST', `/sessions/${sessionId}/end`, { body: {} })).json.ended, false)
      assert.equal((await call('GET', `/sessions/${sessionId}`)).json.endReason, 'kick')
      const summaries = await adminCall(gateway, support, 'GET', '/session-summaries')
      const mine = summaries.json.items.find((item: { agentId: string }) => item.agentId === agentId)
      assert.deepEqual([mine.sessions, mine.users], [2, 2])
      assert.deepEqual((await call('POST', '/members/ses_a/kick', { body: {} })).json.ended, 1)
      assert.deepEqual((await call('POST', '/kick', { body: {} })).json, { agentId, ended: 1, entered: 0, acknowledged: 0 })
      assert.equal((await call('POST', '/members/nosuch/kick', { body: {} })).json.key, 'member_not_found')
    })

    test("a caller restricted to merchants sees no other merchant's sessions", async () => {
      const held = await addToken(gateway, await addOperator(gateway, 'support', [agentId]))
      assert.deepEqual((await adminCall(gateway, held, 'GET', '/session-count')).json, { sessions: 0, isComplete: true })
      const { json } = await adminCall(gateway, held, 'GET', '/session-summaries')
      assert.deepEqual(
        json.items.map((item: { agentId: string }) => item.agentId),
        [agentId],
      )
      assert.equal((await adminCall(gateway, held, 'POST', '/kick', { body: {} })).status, 403)
    })
  })
}

test('reads of members leave why they were read, where it is said: bounded, printable text in any script', async (t) => {
  const gateway = await startTestGateway({ settings: { adminPort: 8081 } })
  t.after(() => gateway.close())
  const token = await addToken(gateway, await addOperator(gateway, 'support'))
  const read = (path: string, said?: string) =>
    adminCall(gateway, token, 'GET', `/merchants/agent001/${path}`, said === undefined ? {} : { headers: { 'x-purpose': said } })
  const newest = async () => (await gateway.store.events.list({ kind: 'member.viewed', limit: 1 }))[0]?.details?.purpose
  for (const path of ['members', 'members/uid001', 'sessions?userId=uid001']) {
    for (const purpose of ['ticket 4711', 'Fall Müller, 100 %', '工单 7']) {
      assert.equal((await read(path, encodePurpose(purpose))).status, 200, path)
      assert.equal(await newest(), purpose)
    }
    assert.equal((await read(path)).status, 200)
    assert.equal(await newest(), undefined)
  }
  for (const said of ['', ' ', 'x'.repeat(201), '%E2%80%AEevil', 'a%0Ab', '100 %', '%ff', 'a%00']) {
    const { status, json } = await read('members/uid001', said)
    assert.deepEqual([status, json.field], [400, 'X-Purpose'], said)
  }
})
