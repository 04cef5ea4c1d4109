/** The long form of `http/admin-api/fuzz.test.ts`. */
import { after, before, describe, test } from 'node:test'
import { adminOperationNames } from '@lobbykey/contract/admin'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { fuzz } from '../support/admin-fuzz.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { testStores } from '../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`[check 46] input that the schemas of the admin API allow and refuse, on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let token: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      token = await addToken(gateway, await addOperator(gateway, 'owner'))
    })
    after(() => gateway.close())

    for (const name of adminOperationNames) test(name, () => fuzz(gateway, token, name, 800))
  })
}
