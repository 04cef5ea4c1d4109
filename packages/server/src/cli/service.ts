import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError } from 'commander'
import { overlapSecondsDefault, overlapSecondsMax } from '../core/services/service-admin.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { addHandOverOption, type HandOverOption, handOverField, secretLines } from './hand-over-option.ts'
import { type Labels, labelFilterOption, labelOption, labelText } from './label-option.ts'
import { allItems, withOperations } from './operate.ts'

/** `lobbykey service …` */
export function addServiceVerbs(program: Command, context: CommandContext): void {
  const service = program
    .command('service')
    .summary('programs that introspect tokens')
    .description('Registered services may introspect tokens and sessions, each with its own secret (docs/verification.md).')
  const serviceId = ['<service-id>', 'the service, 1 to 64 of A-Z a-z 0-9 _ -'] as const

  addHandOverOption(addVerb(service, 'add', 'Registers a service and shows its secret, once.'))
    .argument(...serviceId)
    .option(...labelOption)
    .addHelpText('after', '\nExample: lobbykey service add billing --label team=payments')
    .action((id: string, { label, ...options }: CommonOptions & HandOverOption & { label?: Labels }) =>
      withOperations(context, async ({ run }) => {
        const added = await run('service.add', {
          serviceId: id,
          ...(label === undefined ? {} : { labels: label }),
          ...handOverField(options),
        })
        print(context, options, added, [`Service ${id} is added.`, ...secretLines('Secret', added.secret, added)])
      }),
    )

  addVerb(service, 'list', 'Lists the services.')
    .option(...labelFilterOption)
    .addHelpText('after', '\nExample: lobbykey service list --label team=payments')
    .action(({ label, ...options }: CommonOptions & { label?: string }) =>
      withOperations(context, async ({ run }) => {
        const filter = label === undefined ? {} : { label }
        const services = await allItems((cursor) =>
          run('service.list', { limit: 200, ...filter, ...(cursor === undefined ? {} : { cursor }) }),
        )
        const rows = services.map(({ serviceId: id, status, createdAt, labels }) => [id, status, createdAt, labelText(labels)])
        const none = 'There is no service yet; add one with `lobbykey service add`.'
        print(context, options, { services }, tableLines(['SERVICE', 'STATUS', 'SINCE', 'LABELS'], rows, none))
      }),
    )

  addVerb(service, 'show', 'Shows a service, never its secret.')
    .argument(...serviceId)
    .addHelpText('after', '\nExample: lobbykey service show billing')
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('service.show', { serviceId: id })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(service, 'update', 'Replaces the labels of a service.')
    .argument(...serviceId)
    .requiredOption(...labelOption)
    .addHelpText('after', '\nExample: lobbykey service update billing --label team=payments')
    .action((id: string, { label, ...options }: CommonOptions & { label: Labels }) =>
      withOperations(context, async ({ run }) => {
        const found = await run('service.update', { serviceId: id, labels: label })
        print(context, options, found, showLines(found))
      }),
    )

  addHandOverOption(addVerb(service, 'rotate-secret', 'Creates a new secret and shows it, once; the old one works for the overlap.'))
    .argument(...serviceId)
    .option(
      '--overlap <seconds>',
      'how long the old secret still works, 0 to 2592000; 0 ends it at once',
      parseOverlap,
      overlapSecondsDefault,
    )
    .addHelpText('after', '\nAn even older secret stops working at once.\nExample: lobbykey service rotate-secret billing --overlap 3600')
    .action((id: string, options: CommonOptions & HandOverOption & { overlap: number }) =>
      withOperations(context, async ({ run }) => {
        const rotated = await run('service.rotate-secret', { serviceId: id, overlapSeconds: options.overlap, ...handOverField(options) })
        const fate = options.overlap === 0 ? 'The old secret no longer works.' : `The old secret works until ${rotated.previousGoodUntil}.`
        print(context, options, rotated, [`Service ${id} has a new secret.`, ...secretLines('Secret', rotated.secret, rotated), fate])
      }),
    )

  addStatusVerb(service, context, 'enable', 'Lets a disabled service in again.')
  addStatusVerb(service, context, 'disable', 'Refuses a service as if it were unknown, within a second.')

  addVerb(service, 'delete', 'Deletes a service; its secret stops working within a second.')
    .argument(...serviceId)
    .addHelpText('after', '\nExample: lobbykey service delete billing')
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        print(context, options, await run('service.delete', { serviceId: id }), [`Service ${id} is deleted.`])
      }),
    )
}

function addStatusVerb(service: Command, context: CommandContext, verb: 'enable' | 'disable', summary: string): void {
  addVerb(service, verb, summary)
    .argument('<service-id>', 'the service')
    .addHelpText('after', `\nExample: lobbykey service ${verb} billing`)
    .action((id: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const { status } = await run(`service.${verb}`, { serviceId: id })
        print(context, options, { serviceId: id, status }, [`Service ${id} is ${status}.`])
      }),
    )
}

function showLines({ serviceId, status, labels, createdAt, secretCreatedAt, previousGoodUntil }: AdminOutput<'service.show'>): string[] {
  return [
    `Service ${serviceId}, ${status}, since ${createdAt}`,
    `  secret since            ${secretCreatedAt}`,
    `  old secret works until  ${previousGoodUntil ?? '-'}`,
    `  labels                  ${labelText(labels)}`,
  ]
}

function parseOverlap(text: string): number {
  if (!/^(?:0|[1-9][0-9]{0,6})$/.test(text) || Number(text) > overlapSecondsMax) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${overlapSecondsMax}.`)
  }
  return Number(text)
}
