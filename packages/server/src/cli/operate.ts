/** How verbs reach operations: beside the store, in this process. */
import { hostname, userInfo } from 'node:os'
import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import type { Sealer } from '../core/base/sealer.ts'
import { type Caller, rightsOf } from '../operations/caller.ts'
import { Operations } from '../operations/index.ts'
import type { CommandContext } from './command-context.ts'
import { requireMasterKey, withStore } from './with-store.ts'

/** What a verb runs its operations on. */
export interface OperationFace {
  /** @throws GatewayError */
  run<Name extends AdminOperationName>(name: Name, input: AdminInput<Name>): Promise<AdminOutput<Name>>
}

/** Runs a verb's operations on the store that the settings name. @throws ConfigError */
export async function withOperations(context: CommandContext, run: (face: OperationFace) => Promise<void>): Promise<void> {
  await withStore(context, async (store, settings) => {
    let opened: Promise<Sealer> | undefined
    const sealer = async () => {
      opened ??= claimMasterKey(store.meta, requireMasterKey(settings))
      return opened
    }
    const operations = new Operations({ store, clock: context.clock, sealer, settings })
    const caller = nearCaller()
    await run({ run: (name, input) => operations.run(name, input, caller) })
  })
}

/** Whoever has the store and the master key may do everything; SECURITY.md says so. */
export function nearCaller(): Caller {
  return {
    origin: { surface: 'cli', actor: `cli:${userName()}@${hostname()}` },
    rights: rightsOf('owner'),
    agentIds: null,
    isConfirmed: true,
    operatorId: null,
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
