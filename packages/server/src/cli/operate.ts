/** How verbs run operations: on a store in this process, or on a remote server. Both answer alike. */
import { hostname, userInfo } from 'node:os'
import { catalogue, type ErrorKey, GatewayError } from '@lobbykey/contract'
import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'
import { AdminClient, AdminError, etagOf } from 'lobbykey-client/admin'
import { ConfigError, findPublicUrl, readSettings } from '../config/read-env.ts'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import type { Sealer } from '../core/base/sealer.ts'
import { explainSignature } from '../core/explain/explain-signature.ts'
import { type Caller, rightsOf } from '../operations/caller.ts'
import { Operations } from '../operations/index.ts'
import { findRunningSettings } from '../sandbox/running-settings.ts'
import { sampleMerchant } from '../sandbox/sample-partners.ts'
import { sandboxMark } from '../sandbox/seed.ts'
import type { Store } from '../store/store.ts'
import { type CommandContext, sharedClockOf } from './command-context.ts'
import { findConnection, type ServerConnection } from './server-connection.ts'
import { requireMasterKey, withStore } from './with-store.ts'

export interface RunOptions {
  /** Check and answer, but change nothing. */
  readonly isDryRun?: boolean
  /** `updatedAt` from the last read; the change fails if it differs now. */
  readonly readAt?: string
}

/** Runs operations for a verb. */
export interface OperationFace {
  /** @throws GatewayError */
  run<Name extends AdminOperationName>(name: Name, input: AdminInput<Name>, options?: RunOptions): Promise<AdminOutput<Name>>
}

/** Runs a verb's operations on the configured server or store. @throws ConfigError */
export async function withOperations(context: CommandContext, run: (face: OperationFace) => Promise<void>): Promise<void> {
  const connection = findConnection(context.env)
  await (connection === null ? withNearOperations(context, run) : run(farFace(connection)))
}

/** On a server, with its token's rights. */
export function farFace({ url, token }: ServerConnection): OperationFace {
  const client = new AdminClient({ baseUrl: url, token })
  return {
    run: async (name, input, { isDryRun = false, readAt } = {}) => {
      try {
        const ifMatch = readAt === undefined ? null : etagOf({ updatedAt: readAt })
        return await client.run(name, input, { validateOnly: isDryRun, ...(ifMatch === null ? {} : { ifMatch }) })
      } catch (error) {
        throw error instanceof AdminError ? toGatewayError(error, url) : error
      }
    },
  }
}

/** Converts the server's error, keeping exit code and message. */
function toGatewayError({ key, message, field }: AdminError, url: string): GatewayError {
  if (Object.hasOwn(catalogue, key)) return new GatewayError(key as ErrorKey, { message, ...(field === null ? {} : { field }) })
  return new GatewayError(key === 'not_reached' ? 'store_unavailable' : 'internal', { message: `${url}: ${message}` })
}

async function withNearOperations(context: CommandContext, run: (face: OperationFace) => Promise<void>): Promise<void> {
  await withStore(context, async (store, settings) => {
    let opened: Promise<Sealer> | undefined
    const sealer = async () => {
      opened ??= claimMasterKey(store.meta, requireMasterKey(settings))
      return opened
    }
    const operations = new Operations({
      store,
      clock: context.clock,
      shared: sharedClockOf(context, store),
      sealer,
      explain: async (input) => explainSignature(input),
      publishedKeys: [sampleMerchant.key],
      publicUrl: async () => findPublicUrl(context.env) ?? (await sandboxUrl(context, store)),
      settings,
    })
    const caller = nearCaller()
    await run({
      run: (name, input, { isDryRun = false, readAt } = {}) => {
        const expectation = readAt === undefined ? null : Date.parse(readAt)
        return operations.run(name, input as Readonly<Record<string, unknown>>, caller, { isDryRun, expectation })
      },
    })
  })
}

/** The public URL of the sandbox that made this store. @throws ConfigError if no sandbox made it */
async function sandboxUrl(context: CommandContext, store: Pick<Store, 'meta'>): Promise<string> {
  const running = await findRunningSettings(store.meta)
  if (running !== null) return running.publicUrl
  if ((await store.meta.find(sandboxMark)) !== null) return readSettings(context.env, 'sandbox').publicUrl
  throw new ConfigError(['PUBLIC_URL is required here: set it to the one that the server runs with'])
}

/** Whoever has the store and the master key may do everything (SECURITY.md). */
export function nearCaller(): Caller {
  return {
    origin: { surface: 'cli', actor: `cli:${userName()}@${hostname()}` },
    rights: rightsOf('owner'),
    agentIds: null,
    isConfirmed: true,
    operatorId: null,
    sessionId: null,
    signInMethod: null,
    confirmedUntil: null,
  }
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Every item of a list, page by page. */
export async function allItems<Item>(
  read: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

/** Up to `wanted` items of a list, and whether there are more. */
export async function someItems<Item>(
  read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<{ items: Item[]; nextCursor: string | null }>,
  wanted: number,
): Promise<{ items: Item[]; hasMore: boolean }> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const limit = Math.min(200, wanted - items.length)
    const page = await read({ limit, ...(cursor === null ? {} : { cursor }) })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null && items.length < wanted)
  return { items, hasMore: cursor !== null }
}
