import type { Command } from 'commander'
import { parseCatalogue } from '../core/catalogue-import.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { readTextFile } from './read-input.ts'
import { withStore } from './with-store.ts'

/** `lobbykey catalogue …` */
export function addCatalogueVerbs(program: Command, context: CommandContext): void {
  const catalogue = program
    .command('catalogue')
    .summary('games, tables and bet limits')
    .description('The platform catalogue: games, tables and bet limits that logins may name.')

  addVerb(catalogue, 'import', 'Replaces the whole catalogue by that of a JSON file, or changes nothing when any of it is wrong.')
    .argument('<file>', 'JSON: {games, tables, limits}; docs/command-line.md shows one')
    .action(async (file: string, options: CommonOptions) => {
      const parsed = parseCatalogue(await readTextFile(file))
      const counts = { games: parsed.games.length, tables: parsed.tables.length, limits: parsed.limits.length }
      await withStore(context, (store) =>
        store.catalogue.replace(parsed, { at: context.clock.now(), kind: 'catalogue.replaced', surface: 'cli', details: counts }),
      )
      print(context, options, counts, [
        `The catalogue now has ${counts.games} games, ${counts.tables} tables and ${counts.limits} bet limits.`,
      ])
    })
}
