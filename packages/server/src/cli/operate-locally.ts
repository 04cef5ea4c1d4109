import { ConfigError, findPublicUrl, readSettings } from '../config/read-env.ts'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import type { Sealer } from '../core/base/sealer.ts'
import { explainSignature } from '../core/explain/explain-signature.ts'
import { Operations } from '../operations/index.ts'
import { findRunningSettings } from '../sandbox/running-settings.ts'
import { sampleMerchant } from '../sandbox/sample-partners.ts'
import { sandboxMark } from '../sandbox/seed.ts'
import type { Store } from '../store/store.ts'
import { type CommandContext, sharedClockOf } from './command-context.ts'
import { localCaller } from './local-caller.ts'
import type { OperationRunner } from './operation-runner.ts'
import { requireMasterKey, withStore } from './with-store.ts'

/** Runs a verb's operations beside the store. */
export async function withLocalOperations(context: CommandContext, run: (runner: OperationRunner) => Promise<void>): Promise<void> {
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
    const caller = { ...localCaller(), purpose: context.purpose }
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
