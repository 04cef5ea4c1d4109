import { GatewayError, parameterError } from '@lobbykey/contract'
import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { withOperations } from './operate.ts'
import { readTextFile } from './read-input.ts'

type Seals = NonNullable<AdminInput<'audit.verify'>['seals']>

/** `lobbykey audit …` */
export function addAuditVerbs(program: Command, context: CommandContext): void {
  const audit = program.command('audit').summary('verify that events are unchanged').description('Events are sealed (docs/operations.md).')
  addVerb(audit, 'verify', 'Verifies events against their seals and names the first event that does not match, with exit code 4.')
    .option('--seals <file>', 'seals stored elsewhere, one per line: number and digest')
    .addHelpText('after', '\nExample: lobbykey audit verify --seals kept-seals.txt')
    .action(async (options: CommonOptions & { seals?: string }) => {
      const seals = options.seals === undefined ? undefined : readSeals(await readTextFile(options.seals, Number.POSITIVE_INFINITY))
      await withOperations(context, async ({ run }) => {
        const verdict = await run('audit.verify', seals === undefined ? {} : { seals })
        if (verdict.fault !== null) throw new GatewayError('conflict', { message: faultText(verdict.fault) })
        print(context, options, verdict, verdictLines(verdict))
      })
    })
}

function readSeals(text: string): Seals {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, number, digest = ''] = /^\s*([1-9][0-9]{0,14})\s+([0-9a-f]{64})\s*$/.exec(line) ?? []
      if (number === undefined) throw parameterError('a line of --seals', 'must be the number and the digest of a seal')
      return { number: Number(number), digest }
    })
}

function faultText({ seal, event, message }: NonNullable<AdminOutput<'audit.verify'>['fault']>): string {
  return event === null ? `seal ${seal}: ${message}` : `event ${event}, under seal ${seal}: ${message}`
}

function verdictLines({ seals, events, unsealed, last }: AdminOutput<'audit.verify'>): string[] {
  return [
    `${seals} seals over ${events} events are intact; ${unsealed} later events are not sealed yet.`,
    ...(last === null ? [] : ['The last seal, to store elsewhere:', `${last.number} ${last.digest}`]),
  ]
}
