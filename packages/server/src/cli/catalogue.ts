import { type AdminOutput, importedFileBytesMax, isTable } from '@lobbykey/contract/admin'
import { type Command, Option } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { withOperations } from './operate.ts'
import { readInput, readTextFile } from './read-input.ts'

interface ImportOptions extends CommonOptions {
  dryRun?: true
}

type Imported = AdminOutput<'catalogue.import'>
type Difference = Imported['difference']

/** `lobbykey catalogue …` */
export function addCatalogueVerbs(program: Command, context: CommandContext): void {
  const catalogue = program
    .command('catalogue')
    .summary('games, tables and bet limits')
    .description('The platform catalogue: games, tables and bet limits that logins may name.')

  addVerb(catalogue, 'show', 'Counts games, tables and bet limits, or shows a game with its tables and limits.')
    .argument('[game-id]', 'the game')
    .addHelpText('after', '\nExample: lobbykey catalogue show')
    .action((gameId: string | undefined, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        if (gameId === undefined) {
          const counts = await run('catalogue.show', {})
          print(context, options, counts, [`The catalogue has ${countsText(counts)}.`])
        } else {
          const game = await run('catalogue.game', { gameId })
          print(context, options, game, gameLines(game))
        }
      }),
    )

  addVerb(catalogue, 'export', 'Exports the catalogue to standard output, as a file for import.')
    .addOption(new Option('--form <form>', 'file format').choices(['json', 'csv']).default('json'))
    .addHelpText('after', '\nExample: lobbykey catalogue export --form csv > catalogue.csv')
    .action(({ form, ...options }: CommonOptions & { form: 'json' | 'csv' }) =>
      withOperations(context, async ({ run }) => {
        const file = await run('catalogue.export', { form })
        if (options.json) print(context, options, file, [])
        else context.output.write(file.text)
      }),
    )

  addVerb(catalogue, 'import', 'Replaces the whole catalogue with a file; changes nothing if the file has an error.')
    .argument('<file>', 'JSON or CSV, docs/command-line.md shows both; - reads standard input')
    .option('--dry-run', 'only print what would change')
    .addHelpText('after', '\nExample: lobbykey catalogue import catalogue.json --dry-run')
    .action(async (file: string, options: ImportOptions) => {
      const text = file === '-' ? await readInput(context, importedFileBytesMax) : await readTextFile(file)
      const input = { form: isTable(file, text) ? ('csv' as const) : ('json' as const), text }
      await withOperations(context, async ({ run }) => {
        const isDryRun = options.dryRun === true
        printImport(context, options, await run('catalogue.import', input, { isDryRun }))
      })
    })
}

function printImport(context: CommandContext, options: ImportOptions, { difference, ...counts }: Imported): void {
  if (options.dryRun) {
    const lines = differenceLines(difference)
    const end = lines.length === 0 ? 'The store already has this catalogue.' : 'Dry run: nothing was changed.'
    print(context, options, { dryRun: true, ...counts, difference }, [...lines, end])
    return
  }
  print(context, options, { ...counts, difference }, [
    `The catalogue now has ${countsText(counts)}.`,
    `${count(difference, 'added')} added, ${count(difference, 'removed')} removed, ${count(difference, 'changed')} changed.`,
  ])
}

function countsText({ games, tables, limits }: Omit<Imported, 'difference'>): string {
  return `${many(games, 'game')}, ${many(tables, 'table')} and ${many(limits, 'bet limit')}`
}

function many(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function gameLines({ gameId, names, tables, limits }: AdminOutput<'catalogue.game'>): string[] {
  const text = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .map(([language, name]) => `${language}: ${name}`)
      .join(', ') || '-'
  const state = (status: number) => (status === 1 ? 'active' : 'off')
  const limitRows = limits.map((row) => [row.currency, row.redId, row.minLimit, row.maxLimit, state(row.status)])
  return [
    `Game ${gameId}, ${text(names)}`,
    '',
    ...tableLines(
      ['TABLE', 'STATUS', 'NAMES'],
      tables.map((row) => [row.instId, state(row.status), text(row.names)]),
      'It has no table.',
    ),
    '',
    ...tableLines(['CURRENCY', 'LIMIT', 'FROM', 'TO', 'STATUS'], limitRows, 'It has no bet limit.'),
  ]
}

/** One line per item: + added, - removed, ~ changed, with old and new value. */
function differenceLines(difference: Difference): string[] {
  return Object.entries(difference).flatMap(([part, { added, removed, changed }]) => {
    const noun = part.replace(/s$/, '')
    return [
      ...added.map((item) => `+ ${noun} ${item}`),
      ...removed.map((item) => `- ${noun} ${item}`),
      ...changed.map(({ item, fields }) => `~ ${noun} ${item}: ${Object.entries(fields).map(changeText).join(', ')}`),
    ]
  })
}

function changeText([name, [before, after]]: [string, readonly unknown[]]): string {
  return `${name} ${valueText(before)} → ${valueText(after)}`
}

function valueText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function count(difference: Difference, kind: 'added' | 'removed' | 'changed'): number {
  return Object.values(difference).reduce((sum, part) => sum + part[kind].length, 0)
}
