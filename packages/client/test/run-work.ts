/** A case of clients/conformance, played by the client in any runtime. */
import { LobbykeyError, MerchantClient } from 'lobbykey-client/merchant'
import { FileStorage, SellerClient } from 'lobbykey-client/seller'

export interface Work {
  readonly client: 'merchant' | 'seller'
  readonly options: { readonly storage?: string }
  readonly calls: readonly { readonly do: string; readonly fields?: object; readonly times?: number }[]
}

type Calls = Readonly<Record<string, (fields: never) => Promise<object | undefined>>>

export async function runWork({ client, options, calls }: Work): Promise<object> {
  const warnings: string[] = []
  let debug = ''
  const warn = (text: string) => void warnings.push(text)
  const told = {
    ...options,
    ...(options.storage === undefined ? {} : { storage: new FileStorage(options.storage, { warn }) }),
    warn,
    debug: (text: string) => {
      debug += `${text}\n`
    },
  } as never
  let does: Calls
  try {
    does = client === 'merchant' ? merchantCalls(new MerchantClient(told)) : sellerCalls(new SellerClient(told))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { refused: error.message }
  }
  const results: object[] = []
  for (const { do: name, fields = {}, times = 1 } of calls) {
    const outcomes = Array.from({ length: times }, () => outcomeOf(async () => (await does[name]?.(fields as never)) ?? {}))
    results.push(...(await Promise.all(outcomes)))
  }
  return { results, warnings, debug }
}

function merchantCalls(client: MerchantClient): Calls {
  return {
    login: (fields) => client.login(fields),
    guest_login: (fields) => client.guestLogin(fields),
    create: (fields) => client.create(fields),
    update: (fields) => client.update(fields),
    lock: (fields) => client.lock(fields),
    logout: (fields) => client.logout(fields),
    game_list: (fields) => client.games(fields),
    limit_list: (fields) => client.limits(fields),
  }
}

function sellerCalls(client: SellerClient): Calls {
  return {
    me: () => client.me(),
    fetch: async ({ path, ...init }: RequestInit & { path: string }) => ({ [(await client.fetch(path, init)).status]: true }),
    logout: async () => {
      await client.logout()
      return undefined
    },
  }
}

async function outcomeOf(work: () => Promise<object>): Promise<object> {
  try {
    return { ok: Object.keys(await work()) }
  } catch (error) {
    if (!(error instanceof LobbykeyError)) return { thrown: String(error) }
    const { code, key, mayRepeat, requestId, message } = error
    return { error: { code, key, mayRepeat, requestId, message } }
  }
}
