import { type CommandSettings, commandNames } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import type { MetaStore } from '../store/store.ts'

const mark = 'sandbox-settings'

/** Settings that a verb needs before it can read the store. */
const ownNames = new Set(['databaseUrl', 'databasePoolSize', 'databasePreparedStatements', 'masterKey'])

export type RunningSettings = Partial<CommandSettings> & Pick<Settings, 'publicUrl'>

/**
 * Records the running sandbox's settings, so that verbs at its store use the same: its defaults differ from production, and it may have chosen
 * another admin port.
 */
export async function noteRunningSettings(meta: MetaStore, settings: Settings, adminUrl: string): Promise<void> {
  const shared = commandNames.filter((name) => !ownNames.has(name)).map((name) => [name, settings[name]])
  const noted = { ...Object.fromEntries(shared), publicUrl: settings.publicUrl, adminUrl }
  await meta.put(mark, Buffer.from(JSON.stringify(noted)))
}

/** Null when no sandbox has served this store. */
export async function findRunningSettings(meta: Pick<MetaStore, 'find'>): Promise<RunningSettings | null> {
  const noted = await meta.find(mark)
  return noted === null ? null : (JSON.parse(Buffer.from(noted).toString()) as RunningSettings)
}
