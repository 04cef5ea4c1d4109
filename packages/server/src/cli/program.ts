import { escapeHidden } from '@lobbykey/contract'
import { Command, CommanderError } from 'commander'
import { version } from '../core/base/version.ts'
import { type CommandContext, shownText } from './command-context.ts'
import { Ended, exitCodes, toFailure } from './exit-codes.ts'

interface Subject {
  readonly names: readonly string[]
  readonly load: () => Promise<(program: Command, context: CommandContext) => void>
}

/** In the order of the help. */
const subjects: readonly Subject[] = [
  { names: ['sandbox'], load: async () => (await import('./sandbox.ts')).addSandboxVerb },
  { names: ['serve'], load: async () => (await import('./serve.ts')).addServeVerb },
  { names: ['migrate'], load: async () => (await import('./migrate.ts')).addMigrateVerb },
  { names: ['merchant'], load: async () => (await import('./merchant.ts')).addMerchantVerbs },
  { names: ['brand'], load: async () => (await import('./brand.ts')).addBrandVerbs },
  { names: ['member'], load: async () => (await import('./member.ts')).addMemberVerbs },
  { names: ['seller'], load: async () => (await import('./seller.ts')).addSellerVerbs },
  { names: ['throttle'], load: async () => (await import('./throttle.ts')).addThrottleVerbs },
  { names: ['service'], load: async () => (await import('./service.ts')).addServiceVerbs },
  { names: ['keys'], load: async () => (await import('./keys.ts')).addKeysVerbs },
  { names: ['operator'], load: async () => (await import('./operator.ts')).addOperatorVerbs },
  { names: ['token'], load: async () => (await import('./token.ts')).addTokenVerbs },
  { names: ['proposal'], load: async () => (await import('./proposal.ts')).addProposalVerbs },
  { names: ['catalogue'], load: async () => (await import('./catalogue.ts')).addCatalogueVerbs },
  { names: ['apply', 'export'], load: async () => (await import('./declared/index.ts')).addDeclaredVerbs },
  { names: ['connect', 'disconnect'], load: async () => (await import('./connect.ts')).addConnectVerbs },
  { names: ['sign'], load: async () => (await import('./sign.ts')).addSignVerb },
  { names: ['explain'], load: async () => (await import('./explain.ts')).addExplainVerb },
  { names: ['trace'], load: async () => (await import('./trace.ts')).addTraceVerb },
  { names: ['events'], load: async () => (await import('./events.ts')).addEventsVerb },
  { names: ['audit'], load: async () => (await import('./audit.ts')).addAuditVerbs },
  { names: ['status'], load: async () => (await import('./status.ts')).addStatusVerb },
  { names: ['doctor'], load: async () => (await import('./doctor/index.ts')).addDoctorVerb },
  { names: ['backup'], load: async () => (await import('./backup.ts')).addBackupVerb },
  { names: ['restore'], load: async () => (await import('./restore.ts')).addRestoreVerb },
  { names: ['store'], load: async () => (await import('./store.ts')).addStoreVerbs },
]

/**
 * Every verb of the command line, or those of the subject that it begins with: each subject is loaded when it is asked for, so that a verb
 * that needs no store does not wait for one.
 */
export async function buildProgram(context: CommandContext, [first = '']: readonly string[] = []): Promise<Command> {
  const program = new Command('lobbykey')
    .description('Lobbykey, the login gateway between a game platform and its partners.')
    .version(version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.write(text),
      writeErr: (text) => context.errorOutput.write(text),
      // runCommand reports failures, in the requested format.
      outputError: () => {},
    })
    .addHelpText(
      'afterAll',
      `\nExit codes:\n${Object.entries(exitCodes)
        .map(([code, meaning]) => `  ${code}  ${meaning}\n`)
        .join('')}`,
    )
  const asked = subjects.filter(({ names }) => names.includes(first))
  const wanted = asked.length > 0 || ['--version', '-V'].includes(first) ? asked : subjects
  const added = await Promise.all(wanted.map(({ load }) => load()))
  for (const add of added) add(program, context)
  return program
}

/** Runs one command line, without the program's name. @returns the exit code; nothing is thrown */
export async function runCommand(words: readonly string[], context: CommandContext): Promise<number> {
  try {
    const program = await buildProgram(context, words)
    await program.parseAsync(words, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    if (error instanceof Ended) return error.exitCode
    // `lobbykey merchant` alone: commander has shown the help.
    if (error instanceof CommanderError && error.code === 'commander.help') return 2
    const { exitCode, key, message } = toFailure(error)
    const shown = shownText(withPlainWords(message, words))
    const isJson = words.includes('--json')
    context.errorOutput.write(isJson ? `${JSON.stringify({ error: { key, message: shown } })}\n` : failureText(key, shown))
    return exitCode
  }
}

/** Escapes line breaks in arguments quoted by a message, which would start new lines. */
function withPlainWords(message: string, words: readonly string[]): string {
  const broken = words.flatMap((word) => [word, word.slice(word.indexOf('=') + 1)]).filter((word) => /[\n\r]/.test(word))
  return broken.reduce((text, word) => text.replaceAll(word, escapeHidden(word)), message)
}

/** A message of several lines is a list of problems. */
function failureText(key: string, message: string): string {
  const problems = message.split('\n')
  const list = problems.length === 1 ? ` ${message}\n` : `\n${problems.map((problem) => `  - ${problem}\n`).join('')}`
  return `lobbykey:${list}${key === 'usage' ? 'Add --help for usage; put -- before a name that starts with a dash.\n' : ''}`
}
