import type { AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { withOperations } from './operate.ts'

/** `lobbykey status` */
export function addStatusVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'status', "Shows the installation's health: processes, store, Redis, signing keys, and what needs attention.")
    .addHelpText('after', '\nExample: lobbykey status --json')
    .action((options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const status = await run('status.show', {})
        print(context, options, status, statusLines(status))
      }),
    )
}

function statusLines({ version, store, redis, processes, signingKey, due }: AdminOutput<'status.show'>): string[] {
  const rows = processes.map((one) => [one.host, String(one.pid), one.version, stateText(one), one.startedAt, one.limits])
  const next = signingKey?.nextAt === null ? 'rotated by hand' : `the next from ${signingKey?.nextAt}`
  return [
    `Lobbykey ${version}`,
    `  store         ${store.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'}, answers in ${store.answerMs} ms, its clock ${clockText(store.clockDifferenceMs)}`,
    `  redis         ${redis === null ? 'not in use' : redis.isReached ? 'reached by all' : 'not reached by every process'}`,
    `  signing key   ${signingKey === null ? 'none yet' : `${signingKey.kid} since ${signingKey.since}, ${next}`}`,
    '',
    ...tableLines(['HOST', 'PID', 'VERSION', 'STATE', 'SINCE', 'LIMITS'], rows, 'No process serves on this store.'),
    ...(due.length + store.warnings.length === 0 ? [] : ['', ...store.warnings, ...due]),
  ]
}

function stateText({ isAlive, isReady }: { readonly isAlive: boolean; readonly isReady: boolean }): string {
  if (!isAlive) return 'gone'
  return isReady ? 'ready' : 'not ready'
}

function clockText(differenceMs: number): string {
  const seconds = Math.round(differenceMs / 1_000)
  return seconds === 0 ? 'as here' : `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`
}
