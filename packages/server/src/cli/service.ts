import { type Command, InvalidArgumentError } from 'commander'
import { overlapSecondsDefault, overlapSecondsMax, ServiceAdmin } from '../core/services/service-admin.ts'
import type { Enablement, ServiceRecord } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines, timeText, timeValue } from './command-context.ts'
import { withStore } from './with-store.ts'

/** `lobbykey service …` */
export function addServiceVerbs(program: Command, context: CommandContext): void {
  const service = program
    .command('service')
    .summary('programs that may ask about tokens')
    .description('Registered services: programs that may ask the server about tokens, each with a secret (docs/verification.md).')
  const serviceId = ['<service-id>', 'the service, 1 to 64 of A-Z a-z 0-9 _ -'] as const

  addVerb(service, 'add', 'Registers a service and shows its secret, once.')
    .argument(...serviceId)
    .action((id: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        const secret = await admin.add(id)
        print(context, options, { serviceId: id, secret }, [`Service ${id} is added.`, secretLine(secret)])
      }),
    )

  addVerb(service, 'list', 'Lists the services.').action((options: CommonOptions) =>
    withAdmin(context, async (admin) => {
      const services = await admin.list()
      const rows = services.map(({ id, status, createdAt }) => [id, status, timeText(createdAt)])
      const none = 'There is no service yet; add one with `lobbykey service add`.'
      print(context, options, { services: services.map(describe) }, tableLines(['SERVICE', 'STATUS', 'SINCE'], rows, none))
    }),
  )

  addVerb(service, 'show', 'Shows a service; never its secret.')
    .argument(...serviceId)
    .action((id: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        const found = await admin.get(id)
        print(context, options, describe(found), showLines(found))
      }),
    )

  addVerb(service, 'rotate-secret', 'Makes a new secret and shows it, once; the old one stays good for a while.')
    .argument(...serviceId)
    .option(
      '--overlap <seconds>',
      'how long the old secret stays good, 0 to 2592000; 0 ends it at once',
      parseOverlap,
      overlapSecondsDefault,
    )
    .addHelpText('after', '\nThe secret before the old one ends at once.')
    .action((id: string, options: CommonOptions & { overlap: number }) =>
      withAdmin(context, async (admin) => {
        const secret = await admin.rotateSecret(id, options.overlap)
        const { previousGoodUntil } = await admin.get(id)
        const fate =
          options.overlap === 0 ? 'The old secret is no longer good.' : `The old secret is good until ${timeText(previousGoodUntil)}.`
        const value = { serviceId: id, secret, previousGoodUntil: timeValue(previousGoodUntil) }
        print(context, options, value, [`Service ${id} has a new secret.`, secretLine(secret), fate])
      }),
    )

  addStatusVerb(service, context, 'enable', 'enabled', 'Lets a disabled service ask again.')
  addStatusVerb(service, context, 'disable', 'disabled', 'Refuses a service as if it were unknown, within a second.')
}

function addStatusVerb(service: Command, context: CommandContext, verb: string, status: Enablement, summary: string): void {
  addVerb(service, verb, summary)
    .argument('<service-id>', 'the service')
    .action((id: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.setStatus(id, status)
        print(context, options, { serviceId: id, status }, [`Service ${id} is ${status}.`])
      }),
    )
}

/** Nothing of a service is sealed, so no master key is asked for. */
async function withAdmin(context: CommandContext, run: (admin: ServiceAdmin) => Promise<void>): Promise<void> {
  await withStore(context, (store) => run(new ServiceAdmin({ store: store.services, clock: context.clock, origin: { surface: 'cli' } })))
}

function secretLine(secret: string): string {
  return `Secret (shown only now): ${secret}`
}

function describe({ id, status, createdAt, secretCreatedAt, previousGoodUntil }: ServiceRecord) {
  return {
    serviceId: id,
    status,
    createdAt: timeValue(createdAt),
    secretCreatedAt: timeValue(secretCreatedAt),
    previousGoodUntil: timeValue(previousGoodUntil),
  }
}

function showLines({ id, status, createdAt, secretCreatedAt, previousGoodUntil }: ServiceRecord): string[] {
  return [
    `Service ${id}, ${status}, since ${timeText(createdAt)}`,
    `  secret since            ${timeText(secretCreatedAt)}`,
    `  old secret good until   ${timeText(previousGoodUntil)}`,
  ]
}

function parseOverlap(text: string): number {
  if (!/^(?:0|[1-9][0-9]{0,6})$/.test(text) || Number(text) > overlapSecondsMax) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${overlapSecondsMax}.`)
  }
  return Number(text)
}
