import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { losslessWebp, makePng } from '../../support/pictures.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`brands on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let token: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      token = await addToken(gateway, await addOperator(gateway, 'manager'))
      await adminCall(gateway, token, 'POST', '/merchants', { body: { agentId: 'agent007' } })
    })
    after(() => gateway.close())
    const set = (agentId: string, body: object) => adminCall(gateway, token, 'PUT', `/brands/${agentId}`, { body })
    const png = makePng({ width: 40, height: 12 }).toString('base64')

    test('a brand is set part by part, shown with its logo, listed without it, and removed', async () => {
      assert.equal((await adminCall(gateway, token, 'GET', '/brands/agent001')).json.detail, 'agent001 has no brand of its own')
      const made = await set('agent001', { title: 'Acme', logo: png, accentColor: '#1A5FB4' })
      assert.equal(made.status, 200, JSON.stringify(made.json))
      const { logo, adjustments, createdAt, updatedAt, ...rest } = made.json
      assert.deepEqual(rest, { agentId: 'agent001', title: 'Acme', accentColor: '#1a5fb4', headerColor: null, supportUrl: null })
      assert.deepEqual([logo.type, logo.width, logo.height, logo.data], ['image/png', 40, 12, undefined])
      assert.match(adjustments[0], /^Links on dark pages are drawn in #/)
      const more = await set('agent001', { headerColor: '#101010', supportUrl: 'mailto:help@münchen.example', title: null })
      assert.equal(more.json.supportUrl, 'mailto:help@xn--mnchen-3ya.example')
      assert.deepEqual([more.json.title, more.json.logo, more.json.accentColor], [null, logo, '#1a5fb4'])
      assert.ok(more.json.updatedAt > updatedAt && more.json.createdAt === createdAt)
      const shown = await adminCall(gateway, token, 'GET', '/brands/agent001')
      assert.equal(shown.json.logo.data, png)
      await set('*', { title: 'The platform', logo: losslessWebp.toString('base64') })
      const { items } = (await adminCall(gateway, token, 'GET', '/brands?limit=1')).json
      assert.deepEqual([items.length, items[0].agentId, items[0].logo.type, items[0].logo.data], [1, '*', 'image/webp', undefined])
      assert.equal((await set('agent001', { logo: null })).json.logo, null)
      assert.equal((await adminCall(gateway, token, 'DELETE', '/brands/agent001')).json.removed, true)
      assert.equal((await adminCall(gateway, token, 'DELETE', '/brands/agent001')).status, 404)
      const kinds = (await gateway.store.events.list({ agentId: 'agent001', limit: 10 })).map(({ kind }) => kind)
      assert.deepEqual(
        kinds.filter((kind) => kind.startsWith('brand')),
        ['brand.removed', 'brand.set', 'brand.set', 'brand.set'],
      )
    })

    test('a rehearsal sets nothing, and a merchant that is deleted leaves no brand behind', async () => {
      await adminCall(gateway, token, 'POST', '/merchants', { body: { agentId: 'brief' } })
      const dry = await adminCall(gateway, token, 'PUT', '/brands/brief?validateOnly=true', { body: { title: 'Brief' } })
      assert.equal(dry.json.title, 'Brief')
      assert.equal((await adminCall(gateway, token, 'GET', '/brands/brief')).status, 404)
      await set('brief', { title: 'Brief' })
      assert.equal((await adminCall(gateway, token, 'DELETE', '/merchants/brief')).status, 200)
      assert.equal((await adminCall(gateway, token, 'GET', '/brands/brief')).status, 404)
    })

    test('who is held to a merchant sees and sets its brand alone; a partner sees it', async () => {
      await set('agent001', { title: 'One' })
      await set('agent007', { title: 'Seven' })
      await set('*', { title: 'All' })
      const held = await addToken(gateway, await addOperator(gateway, 'manager', ['agent001']))
      assert.deepEqual(
        (await adminCall(gateway, held, 'GET', '/brands')).json.items.map(({ title }: { title: string }) => title),
        ['One'],
      )
      for (const other of ['agent007', '*']) {
        assert.equal((await adminCall(gateway, held, 'GET', `/brands/${other}`)).json.key, 'merchant_not_found')
        assert.equal((await adminCall(gateway, held, 'PUT', `/brands/${other}`, { body: { title: 'x' } })).json.key, 'merchant_not_found')
      }
      assert.equal((await adminCall(gateway, held, 'PUT', '/brands/agent001', { body: { title: 'Uno' } })).json.title, 'Uno')
      const partner = await addToken(gateway, await addOperator(gateway, 'partner', ['agent001']))
      assert.equal((await adminCall(gateway, partner, 'GET', '/brands/agent001')).json.title, 'Uno')
      assert.equal((await adminCall(gateway, partner, 'PUT', '/brands/agent001', { body: { title: 'x' } })).json.key, 'forbidden')
    })

    test('many who set parts at once lose none', async () => {
      const parts = [{ title: 'T' }, { accentColor: '#000000' }, { headerColor: '#111111' }, { supportUrl: 'https://help.example/' }]
      const answers = await Promise.all(parts.map((part) => set('agent007', part)))
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200],
      )
      const { json } = await adminCall(gateway, token, 'GET', '/brands/agent007')
      assert.deepEqual(
        [json.title, json.accentColor, json.headerColor, json.supportUrl],
        ['T', '#000000', '#111111', 'https://help.example/'],
      )
    })
  })
}

test('[check 62] what is no brand is refused by name: markup, other schemes, what is no picture', async () => {
  const gateway = await startTestGateway({ settings: { adminPort: 8081 } })
  const token = await addToken(gateway, await addOperator(gateway, 'manager'))
  const refused: readonly (readonly [object, string])[] = [
    [{ accentColor: 'red' }, 'accentColor'],
    [{ accentColor: '#fff' }, 'accentColor'],
    [{ accentColor: '#12345g' }, 'accentColor'],
    [{ accentColor: '#123456;}</style><script>alert(1)</script>' }, 'accentColor'],
    [{ headerColor: 'url(https://evil.example/)' }, 'headerColor'],
    [{ headerColor: '#123456\n' }, 'headerColor'],
    [{ title: '' }, 'title'],
    [{ title: ' Acme' }, 'title'],
    [{ title: 'Ac\u202eme' }, 'title'],
    [{ title: 'A'.repeat(101) }, 'title'],
    [{ supportUrl: 'javascript:alert(1)' }, 'supportUrl'],
    [{ supportUrl: 'data:text/html,x' }, 'supportUrl'],
    [{ supportUrl: 'http://help.example/' }, 'supportUrl'],
    [{ supportUrl: 'https://help.example@evil.example/' }, 'supportUrl'],
    [{ supportUrl: 'https://help.example/\u0000' }, 'supportUrl'],
    [{ supportUrl: 'https:\\\\evil.example' }, 'supportUrl'],
    [{ supportUrl: 'mailto:a@b.example?body=x' }, 'supportUrl'],
    [{ supportUrl: 'mailto:a@b.example,c@d.example' }, 'supportUrl'],
    [{ supportUrl: 'mailto:a@b.example%0a' }, 'supportUrl'],
    [{ supportUrl: 'mailto:a%40b@c.example' }, 'supportUrl'],
    [{ supportUrl: 'mailto:a@b.example#x' }, 'supportUrl'],
    [{ logo: 'not base64!' }, 'logo'],
    [{ logo: Buffer.from('<svg onload=alert(1)>').toString('base64') }, 'logo'],
    [{ logo: Buffer.alloc(65 * 1024).toString('base64') }, 'logo'],
    [{ logo: makePng({ claimed: [30_000, 30_000] }).toString('base64') }, 'logo'],
    [{ logo: Buffer.concat([makePng(), Buffer.from('<script>')]).toString('base64') }, 'logo'],
    [{ colour: '#123456' }, 'colour'],
  ]
  for (const [body, field] of refused) {
    const { status, json } = await adminCall(gateway, token, 'PUT', '/brands/agent001', { body })
    assert.equal(status, 400, JSON.stringify(body))
    assert.match(json.detail, new RegExp(field), json.detail)
  }
  const nobody = await adminCall(gateway, token, 'PUT', '/brands/nosuch', { body: { title: 'x' } })
  assert.equal(nobody.json.key, 'merchant_not_found')
  const large = await adminCall(gateway, token, 'PUT', '/brands/agent001', { body: { logo: 'A'.repeat(200_000) } })
  assert.equal(large.status, 413)
  const markup = await adminCall(gateway, token, 'PUT', '/brands/agent001', { body: { title: '<b>"Acme"</b>' } })
  assert.equal(markup.status, 200, 'a title may be any text')
  await gateway.hearChanges()
  const { text } = await gateway.request('GET', '/lobby/over?agent_id=agent001')
  assert.ok(text.includes('<bdi>&#60;b&#62;&#34;Acme&#34;&#60;/b&#62;</bdi>'), text)
  await gateway.close()
})
