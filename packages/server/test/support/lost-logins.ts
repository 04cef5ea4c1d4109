import { claimMasterKey } from '../../src/core/base/master-key-check.ts'
import { findServerSecret } from '../../src/core/base/server-secret.ts'
import { sessionTokenHasher } from '../../src/core/members/session-token.ts'
import { openStore } from '../../src/store/open-store.ts'

export interface AcknowledgedLogins {
  readonly url: string
  readonly masterKey: Uint8Array
  readonly agentId: string
  readonly userId: string
  readonly tokens: readonly string[]
}

/** How many acknowledged logins have no session in the store. */
export async function countLostLogins({ url, masterKey, agentId, userId, tokens }: AcknowledgedLogins): Promise<number> {
  // Whatever this machine is doing: the answer counts, not its time.
  const store = await openStore({ url, connectMsMax: 30_000, holdMsMax: 30_000 })
  const hashToken = sessionTokenHasher(await findServerSecret(store.meta, await claimMasterKey(store.meta, masterKey), 'session-token'))
  let lost = 0
  for (const token of tokens) if ((await store.memberSessions.find(hashToken(agentId, token)))?.userId !== userId) lost++
  await store.close()
  return lost
}
