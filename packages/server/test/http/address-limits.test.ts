/** Every limit by address counts a /64 of IPv6 as one address, since its owner has 2^64 of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownForm } from '../support/enter-lobby.ts'
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { addService, basic, postForm } from '../support/service-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'

interface Door {
  readonly name: string
  /** Number of calls allowed at once. */
  readonly burst: number
  /** The n-th call that counts, from this address. */
  readonly call: (n: number, address: string) => Promise<Answer>
  readonly isLimited: (answer: Answer) => boolean
}

async function doors(gateway: TestGateway): Promise<Door[]> {
  const service = await addService(gateway)
  const body = signed(loginBody(gateway.clock.now()))
  const isLimited = ({ status }: Answer) => status === 429
  return [
    {
      name: 'member API',
      burst: 6,
      call: (_n, address) => gateway.post('/api/member/login', body, { address }),
      isLimited: ({ json }) => (json as { code: number }).code === 408_004,
    },
    { name: 'explain', burst: 4, call: (_n, address) => gateway.post('/api/sandbox/explain', { body }, { address }), isLimited },
    {
      name: 'session check',
      burst: 20,
      call: (n, address) =>
        postForm(
          gateway,
          '/session/check',
          { agent_id: 'agent001', token: `guess-${n}`, member_address: address },
          { headers: basic(service) },
        ),
      isLimited,
    },
    {
      name: 'service secrets',
      burst: 10,
      call: (n, address) =>
        postForm(gateway, '/oauth/introspect', { token: 'x' }, { address, headers: basic({ ...service, secret: `guess-${n}` }) }),
      isLimited,
    },
    {
      name: 'lobby',
      burst: 10,
      call: (n, address) =>
        gateway.request('POST', '/lobby', { address, headers: ownForm(gateway), body: `agent_id=agent001&token=guess-${n}` }),
      isLimited,
    },
  ]
}

test('[check 39] every limit by address counts a /64 of IPv6 as one', async (t) => {
  const gateway = await startTestGateway({ settings: { ratePerAddress: 3 } })
  t.after(() => gateway.close())
  for (const { name, burst, call, isLimited } of await doors(gateway)) {
    const answers: boolean[] = []
    for (let n = 0; n <= burst; n++) answers.push(isLimited(await call(n, `2001:db8:0:1:${n.toString(16)}::1`)))
    assert.deepEqual(answers, [...Array<boolean>(burst).fill(false), true], name)
    assert.equal(isLimited(await call(burst, '2001:db8:0:2::1')), false, `${name}: the next /64 is somebody else's`)
  }
})
