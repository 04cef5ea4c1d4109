import type { Command } from 'commander'
import { readSettings } from '../config/read-env.ts'
import { migrate } from '../store/migrate.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { usingStore } from './with-store.ts'

/** `lobbykey migrate` */
export function addMigrateVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'migrate', "Migrates the store's tables to this version; safe to repeat.").action(async (options: CommonOptions) => {
    const { applied } = await usingStore(readSettings(context.env, 'cli'), migrate, 'all')
    const lines = applied.length === 0 ? ['The store is up to date.'] : applied.map((name) => `Applied ${name}.`)
    print(context, options, { applied }, lines)
  })
}
