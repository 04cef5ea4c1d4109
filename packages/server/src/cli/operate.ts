/** How verbs run operations: on a store in this process, or on a remote server. Both answer alike. */
import { catalogue, type ErrorKey, GatewayError } from '@lobbykey/contract'
import { AdminClient, AdminError, etagOf } from 'lobbykey-client/admin'
import type { CommandContext } from './command-context.ts'
import type { OperationRunner, RunOptions } from './operation-runner.ts'
import { findConnection, type ServerConnection } from './server-connection.ts'

export type { OperationRunner, RunOptions }

/** Runs a verb's operations on the configured server or store. @throws ConfigError */
export async function withOperations(context: CommandContext, run: (runner: OperationRunner) => Promise<void>): Promise<void> {
  const connection = findConnection(context.env)
  if (connection !== null) return run(remoteRunner(connection, context))
  // Loaded on demand: a remote server needs none of it.
  const { withLocalOperations } = await import('./operate-locally.ts')
  await withLocalOperations(context, run)
}

/** On a server, with its token's rights. */
export function remoteRunner({ url, token }: ServerConnection, context: Pick<CommandContext, 'errorOutput' | 'purpose'>): OperationRunner {
  const said = context.purpose === undefined ? {} : { purpose: context.purpose }
  const client = new AdminClient({ baseUrl: url, token, onWait: waitNotice(url, context) })
  return {
    run: async (name, input, { isDryRun = false, readAt } = {}) => {
      try {
        const ifMatch = readAt === undefined ? null : etagOf({ updatedAt: readAt })
        return await client.run(name, input, { validateOnly: isDryRun, ...said, ...(ifMatch === null ? {} : { ifMatch }) })
      } catch (error) {
        throw error instanceof AdminError ? toGatewayError(error, url) : error
      }
    },
  }
}

/** Says on standard error that the server asks to wait. */
export function waitNotice(url: string, { errorOutput }: Pick<CommandContext, 'errorOutput'>): (pauseMs: number) => void {
  return (pauseMs) => errorOutput.write(`${url} asks to wait: again in ${Math.ceil(pauseMs / 1_000)} s\n`)
}

/** Converts the server's error, keeping exit code and message. */
export function toGatewayError({ key, detail: message, field }: AdminError, url: string): GatewayError {
  if (Object.hasOwn(catalogue, key)) return new GatewayError(key as ErrorKey, { message, ...(field === null ? {} : { field }) })
  return new GatewayError(key === 'not_reached' ? 'store_unavailable' : 'internal', { message: `${url}: ${message}` })
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
