import { type CommandSettings, commandNames } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import type { MetaStore } from '../store/store.ts'

const mark = 'sandbox-settings'

/** What reaches the store, and its key, a verb has to know before it can read this. */
const ownNames = new Set(['databaseUrl', 'databasePoolSize', 'databasePreparedStatements', 'masterKey'])

export type RunningSettings = Partial<CommandSettings> & Pick<Settings, 'publicUrl'>

/**
 * Writes down what the sandbox runs with, so that verbs beside its store go by it: its defaults are not those of production, and it may listen on another
 * admin port than it was set to.
 */
export async function noteRunningSettings(meta: MetaStore, settings: Settings, adminUrl: string): Promise<void> {
  const shared = commandNames.filter((name) => !ownNames.has(name)).map((name) => [name, settings[name]])
  const noted = { ...Object.fromEntries(shared), publicUrl: settings.publicUrl, adminUrl }
  await meta.put(mark, Buffer.from(JSON.stringify(noted)))
}

/** Null where no sandbox has served this store. */
export async function findRunningSettings(meta: Pick<MetaStore, 'find'>): Promise<RunningSettings | null> {
  const noted = await meta.find(mark)
  return noted === null ? null : (JSON.parse(Buffer.from(noted).toString()) as RunningSettings)
}
