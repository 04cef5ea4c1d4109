import type { Command } from 'commander'
import { type CatalogueDifference, catalogueDifference } from '../core/catalogue/catalogue-difference.ts'
import { parseCatalogue } from '../core/catalogue/catalogue-import.ts'
import type { Catalogue, CatalogueStore } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { readTextFile } from './read-input.ts'
import { withStore } from './with-store.ts'

interface ImportOptions extends CommonOptions {
  dryRun?: true
}

/** `lobbykey catalogue …` */
export function addCatalogueVerbs(program: Command, context: CommandContext): void {
  const catalogue = program
    .command('catalogue')
    .summary('games, tables and bet limits')
    .description('The platform catalogue: games, tables and bet limits that logins may name.')

  addVerb(catalogue, 'import', 'Replaces the whole catalogue by that of a file, or changes nothing when any of it is wrong.')
    .argument('<file>', 'JSON, or CSV when its name ends in .csv; docs/command-line.md shows both')
    .option('--dry-run', 'print what would change, and change nothing')
    .action(async (file: string, options: ImportOptions) => {
      const parsed = parseCatalogue(await readTextFile(file), /\.csv$/i.test(file) ? 'csv' : 'json')
      await withStore(context, (store) => importCatalogue(context, store.catalogue, parsed, options))
    })
}

async function importCatalogue(context: CommandContext, store: CatalogueStore, parsed: Catalogue, options: ImportOptions): Promise<void> {
  const difference = catalogueDifference(await store.load(), parsed)
  const counts = { games: parsed.games.length, tables: parsed.tables.length, limits: parsed.limits.length }
  if (options.dryRun) {
    const lines = differenceLines(difference)
    const end = lines.length === 0 ? 'The store has this catalogue already.' : 'Nothing was changed: this was a dry run.'
    print(context, options, { dryRun: true, ...counts, difference }, [...lines, end])
    return
  }
  await store.replace(parsed, { at: context.clock.now(), kind: 'catalogue.replaced', surface: 'cli', details: counts })
  print(context, options, { ...counts, difference }, [
    `The catalogue now has ${counts.games} games, ${counts.tables} tables and ${counts.limits} bet limits.`,
    `${count(difference, 'added')} added, ${count(difference, 'removed')} removed, ${count(difference, 'changed')} changed.`,
  ])
}

/** One line an item: + added, - removed, ~ changed, with what it was and what it becomes. */
function differenceLines(difference: CatalogueDifference): string[] {
  return Object.entries(difference).flatMap(([part, { added, removed, changed }]) => {
    const noun = part.replace(/s$/, '')
    return [
      ...added.map((item) => `+ ${noun} ${item}`),
      ...removed.map((item) => `- ${noun} ${item}`),
      ...changed.map(({ item, fields }) => `~ ${noun} ${item}: ${Object.entries(fields).map(changeText).join(', ')}`),
    ]
  })
}

function changeText([name, [before, after]]: [string, readonly [unknown, unknown]]): string {
  return `${name} ${valueText(before)} → ${valueText(after)}`
}

function valueText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function count(difference: CatalogueDifference, kind: 'added' | 'removed' | 'changed'): number {
  return Object.values(difference).reduce((sum, part) => sum + part[kind].length, 0)
}
