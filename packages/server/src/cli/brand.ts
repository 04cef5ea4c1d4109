import { GatewayError } from '@lobbykey/contract'
import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { allItems, withOperations } from './operate.ts'
import { readLogoFile } from './read-logo-file.ts'

interface BrandOptions extends CommonOptions {
  title?: string
  logo?: string
  accentColor?: string
  headerColor?: string
  supportUrl?: string
}

type Brand = AdminOutput<'brand.set'>

const forAll = '*'

/** `lobbykey brand …` */
export function addBrandVerbs(program: Command, context: CommandContext): void {
  const brand = program
    .command('brand')
    .summary('title, logo and colours of the lobby')
    .description('How the lobby and the page where sellers set a password look: for all merchants, or for one (docs/lobby.md).')
  const agentId = ['[agent-id]', 'the merchant; left out: the brand for all merchants without their own'] as const

  addVerb(brand, 'list', 'Lists the brand for all merchants, and those of single merchants.')
    .addHelpText('after', '\nExample: lobbykey brand list')
    .action((options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const brands = await allItems((cursor) => run('brand.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
        const rows = brands.map((one) => [
          one.agentId,
          one.title ?? '-',
          logoText(one.logo),
          one.accentColor ?? '-',
          one.headerColor ?? '-',
        ])
        const none = 'There is no brand yet; make one with `lobbykey brand set`.'
        print(context, options, { brands }, tableLines(['MERCHANT', 'TITLE', 'LOGO', 'ACCENT', 'HEADER'], rows, none))
      }),
    )

  addVerb(brand, 'show', 'Shows a brand; --json includes the logo.')
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey brand show acme')
    .action((id: string | undefined, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('brand.show', { agentId: id ?? forAll })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(brand, 'set', 'Changes the given parts of a brand; none removes a part.')
    .argument(...agentId)
    .option('--title <name>', 'name at the top, up to 100 characters; or none')
    .option('--logo <file>', 'a PNG or WebP of up to 64 KiB and 1024 pixels a side; or none')
    .option('--accent-color <color>', 'colour of buttons, and of links where it is readable, such as #1a5fb4; or none')
    .option('--header-color <color>', 'colour of the band at the top; or none')
    .option('--support-url <url>', 'where players find help: https://… or mailto:help@example.com; or none')
    .addHelpText(
      'after',
      '\nA merchant with its own brand takes nothing from the brand for all.\nExample: lobbykey brand set acme --title Acme --logo acme.png --accent-color #1a5fb4',
    )
    .action(async (id: string | undefined, options: BrandOptions) => {
      const changes = await changesOf(options)
      if (Object.keys(changes).length === 0)
        throw new GatewayError('invalid_parameter', { message: 'give at least one part to change; see --help' })
      await withOperations(context, async ({ run }) => {
        const set = await run('brand.set', { agentId: id ?? forAll, ...changes })
        print(context, options, set, showLines(set))
      })
    })

  addVerb(brand, 'remove', 'Removes a brand: its merchant gets the brand for all again.')
    .argument(...agentId)
    .addHelpText('after', '\nExample: lobbykey brand remove acme')
    .action((id: string | undefined, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const removed = await run('brand.remove', { agentId: id ?? forAll })
        print(context, options, removed, [`The brand ${whose(removed.agentId)} is removed.`])
      }),
    )
}

async function changesOf(options: BrandOptions): Promise<Omit<AdminInput<'brand.set'>, 'agentId'>> {
  const { title, logo, accentColor, headerColor, supportUrl } = options
  const named = Object.entries({ title, accentColor, headerColor, supportUrl }).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, value === 'none' ? null : value]],
  )
  const file = logo === undefined ? {} : { logo: logo === 'none' ? null : await readLogoFile(logo) }
  return { ...Object.fromEntries(named), ...file }
}

function showLines({ agentId, title, logo, accentColor, headerColor, supportUrl, adjustments }: Brand): string[] {
  return [
    `The brand ${whose(agentId)}`,
    `  title         ${title ?? 'none'}`,
    `  logo          ${logoText(logo)}`,
    `  accent color  ${accentColor ?? 'none'}`,
    `  header color  ${headerColor ?? 'none'}`,
    `  support URL   ${supportUrl ?? 'none'}`,
    ...adjustments.map((text) => `${text}.`),
  ]
}

function logoText(logo: Brand['logo']): string {
  return logo === null ? 'none' : `${logo.type === 'image/png' ? 'PNG' : 'WebP'}, ${logo.width} × ${logo.height}`
}

function whose(agentId: string): string {
  return agentId === forAll ? 'for all merchants' : `of merchant ${agentId}`
}
