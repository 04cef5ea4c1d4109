import { escapeHidden } from '@lobbykey/contract'
import { Command, CommanderError } from 'commander'
import { version } from '../core/base/version.ts'
import { addAuditVerbs } from './audit.ts'
import { addBackupVerb } from './backup.ts'
import { addCatalogueVerbs } from './catalogue.ts'
import { type CommandContext, shownText } from './command-context.ts'
import { addConnectVerbs } from './connect.ts'
import { addDeclaredVerbs } from './declared/index.ts'
import { addDoctorVerb } from './doctor/index.ts'
import { addEventsVerb } from './events.ts'
import { Ended, exitCodes, toFailure } from './exit-codes.ts'
import { addExplainVerb } from './explain.ts'
import { addKeysVerbs } from './keys.ts'
import { addMemberVerbs } from './member.ts'
import { addMerchantVerbs } from './merchant.ts'
import { addMigrateVerb } from './migrate.ts'
import { addOperatorVerbs } from './operator.ts'
import { addRestoreVerb } from './restore.ts'
import { addSandboxVerb } from './sandbox.ts'
import { addSellerVerbs } from './seller.ts'
import { addServeVerb } from './serve.ts'
import { addServiceVerbs } from './service.ts'
import { addSignVerb } from './sign.ts'
import { addStatusVerb } from './status.ts'
import { addStoreVerbs } from './store.ts'
import { addThrottleVerbs } from './throttle.ts'
import { addTokenVerbs } from './token.ts'
import { addTraceVerb } from './trace.ts'

/** Every verb of the command line. */
export function buildProgram(context: CommandContext): Command {
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
  addSandboxVerb(program, context)
  addServeVerb(program, context)
  addMigrateVerb(program, context)
  addMerchantVerbs(program, context)
  addMemberVerbs(program, context)
  addSellerVerbs(program, context)
  addThrottleVerbs(program, context)
  addServiceVerbs(program, context)
  addKeysVerbs(program, context)
  addOperatorVerbs(program, context)
  addTokenVerbs(program, context)
  addCatalogueVerbs(program, context)
  addDeclaredVerbs(program, context)
  addConnectVerbs(program, context)
  addSignVerb(program, context)
  addExplainVerb(program, context)
  addTraceVerb(program, context)
  addEventsVerb(program, context)
  addAuditVerbs(program, context)
  addStatusVerb(program, context)
  addDoctorVerb(program, context)
  addBackupVerb(program, context)
  addRestoreVerb(program, context)
  addStoreVerbs(program, context)
  return program
}

/** Runs one command line, without the program's name. @returns the exit code; nothing is thrown */
export async function runCommand(words: readonly string[], context: CommandContext): Promise<number> {
  try {
    await buildProgram(context).parseAsync(words, { from: 'user' })
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
