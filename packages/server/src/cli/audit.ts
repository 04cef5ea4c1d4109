import { GatewayError, parameterError } from '@lobbykey/contract'
import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { withOperations } from './operate.ts'
import { readTextFile } from './read-input.ts'

type Seals = NonNullable<AdminInput<'audit.verify'>['seals']>

interface VerifyOptions extends CommonOptions {
  readonly since?: string
  readonly until?: string
  readonly seals?: string
}

/** `lobbykey audit …` */
export function addAuditVerbs(program: Command, context: CommandContext): void {
  const audit = program.command('audit').summary('verify that events are unchanged').description('Events are sealed (docs/operations.md).')
  addVerb(audit, 'verify', 'Verifies events against their seals and names the first event that does not match, with exit code 4.')
    .option('--since <time>', 'only events from this time on, as 2026-01-31T12:00:00Z')
    .option('--until <time>', 'only events until this time')
    .option('--seals <file>', 'seals stored elsewhere, one per line: number and digest')
    .addHelpText(
      'after',
      `
A time is verified in whole seals, so a little more than asked for. Seals stored elsewhere are compared where the time has them.
Example: lobbykey audit verify --since 2026-01-01T00:00:00Z --until 2026-02-01T00:00:00Z --seals kept-seals.txt`,
    )
    .action(async ({ since, until, ...options }: VerifyOptions) => {
      const held = options.seals === undefined ? [] : readSeals(await readTextFile(options.seals, Number.POSITIVE_INFINITY))
      await withOperations(context, async ({ run }) => {
        const verify = async (input: AdminInput<'audit.verify'>) => {
          const verdict = await run('audit.verify', input)
          if (verdict.fault !== null) throw new GatewayError('conflict', { message: faultText(verdict.fault) })
          return verdict
        }
        const range = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
        const isFew = held.length <= sealsMax
        const verdict = await verify({ ...range, ...(isFew && held.length > 0 ? { seals: held } : {}) })
        if (!isFew) for (const part of partsOf(held, verdict)) await verify(part)
        print(context, options, verdict, verdictLines(verdict))
      })
    })
}

/** As many as one call takes. */
const sealsMax = 500

/** Calls that compare many held seals with those verified: each covers the seals from its first to its last, and the newest held one must be there at all. */
function partsOf(held: Seals, { seals, last }: AdminOutput<'audit.verify'>): AdminInput<'audit.verify'>[] {
  const lastNumber = last?.number ?? 0
  const inRange = held.filter(({ number }) => number > lastNumber - seals && number <= lastNumber)
  const parts: AdminInput<'audit.verify'>[] = []
  for (let start = 0; start < inRange.length; start += sealsMax) {
    const part = inRange.slice(start, start + sealsMax)
    const [first, end] = [part[0]?.number ?? 0, part.at(-1)?.number ?? 0]
    parts.push({ after: first - 1, limit: end - first + 1, seals: part })
  }
  const newest = held.at(-1)
  return newest === undefined ? parts : [...parts, { after: newest.number - 1, limit: 1, seals: [newest] }]
}

/** By number. @throws GatewayError invalid_parameter, conflict where two lines differ about one seal */
function readSeals(text: string): Seals {
  const digests = new Map<number, string>()
  for (const { number, digest } of sealLines(text)) {
    if ((digests.get(number) ?? digest) !== digest)
      throw new GatewayError('conflict', { message: `seal ${number}: the file holds it twice, with different digests` })
    digests.set(number, digest)
  }
  return [...digests].map(([number, digest]) => ({ number, digest })).sort((a, b) => a.number - b.number)
}

function sealLines(text: string): Seals {
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
