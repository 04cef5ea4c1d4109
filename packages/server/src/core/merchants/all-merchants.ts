import type { MerchantStore, MerchantWithKeys } from '../../store/store.ts'

const pageMax = 500

/** All merchants by ID, with only a page of them in memory. */
export async function* allMerchants(store: Pick<MerchantStore, 'list'>): AsyncGenerator<MerchantWithKeys> {
  for (let afterAgentId: string | undefined; ; ) {
    const page = await store.list({ limit: pageMax, afterAgentId })
    yield* page
    if (page.length < pageMax) return
    afterAgentId = page.at(-1)?.agentId
  }
}
