import {
  defaultAlgorithm,
  defaultCallbackRule,
  type GatewayError,
  parameterError,
  type SignedCall,
  type SigningProfile,
  signedCalls,
} from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { findText, toQuestion } from '../core/explain/explain-request.ts'
import { type Explanation, explainSignature } from '../core/explain/explain-signature.ts'
import type { TextDifference } from '../core/explain/text/explain-text.ts'
import { sampleMerchant } from '../sandbox/sample-partners.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { differenceLines } from './difference-lines.ts'
import { algorithmOption, callbackOption } from './profile-options.ts'
import { readInput, readTextFile } from './read-input.ts'

interface ExplainOptions extends CommonOptions {
  call?: SignedCall['name']
  key?: string
  sign: SigningProfile['algorithm']
  callback: SigningProfile['callback']
  now?: number
  text?: string
  request?: string
}

/** `lobbykey explain`: why a signature was refused. With `--key` it needs no store. */
export function addExplainVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'explain', 'Explains why a request was refused for its signature, and how to fix it.')
    .argument('[file]', 'the request: its JSON body, its URL with the query, or the curl command that sent it; - reads standard input', '-')
    .addOption(
      new Option('--call <name>', 'which call it is (default: recognised by path or fields)').choices(signedCalls.map(({ name }) => name)),
    )
    .option('--now <time>', 'when the server received it, ISO 8601 or milliseconds; then its timestamp is checked too', parseTime)
    .option('--text <file>', 'the text that your code hashes, with KEY in place of the key, for an exact answer; - reads standard input')
    .option('--request <request-id>', 'a traced call, instead of a file')
    .option('--key <key>', "the merchant's key, to work without a store; --sign and --callback then give its profile")
    .addOption(algorithmOption().default(defaultAlgorithm))
    .addOption(callbackOption().default(defaultCallbackRule))
    .addHelpText('after', '\nExample: lobbykey explain --request 4nIAYEoUZ7bqPz5s')
    .action(async (file: string, options: ExplainOptions) => {
      const read = (name: string) => (name === '-' ? readInput(context) : readTextFile(name))
      if (options.request !== undefined) {
        const { request: requestId } = options
        const text = options.text === undefined ? null : await read(options.text)
        const { withOperations } = await import('./operate.ts')
        return withOperations(context, async ({ run }) => {
          const explained = text === null ? run('trace.explain', { requestId }) : run('explain.request', { requestId, text })
          printExplanation(context, options, await explained, text)
        })
      }
      if (options.text === '-' && file === '-')
        throw parameterError('the request', 'and --text cannot both come from standard input: use a file for one')
      const text = options.text === undefined ? null : await read(options.text)
      const request = await read(file)
      const question = { ...toQuestion(request, options.call ?? null, options.now ?? null), text }
      if (options.key === undefined) {
        const agentId = findText(question.body, 'agent_id')
        const { withOperations } = await import('./operate.ts')
        await withOperations(context, async ({ run }) => {
          if (agentId === null) throw missingMerchant()
          const at = options.now === undefined ? {} : { at: new Date(options.now).toISOString() }
          const hashed = text === null ? {} : { text }
          printExplanation(context, options, await run('explain.request', { request, call: question.call.name, ...at, ...hashed }), text)
        })
      } else {
        const keys = { active: [options.key], published: [sampleMerchant.key] }
        const profile = { algorithm: options.sign, callback: options.callback }
        printExplanation(context, options, explainSignature({ ...question, keys, profile }), text)
      }
    })
}

function missingMerchant(): GatewayError {
  return parameterError('the request', 'names no merchant in agent_id; pass the key with --key instead')
}

function printExplanation(
  context: CommandContext,
  options: ExplainOptions,
  explanation: Explanation | AdminOutput<'explain.request'>,
  text: string | null,
): void {
  const { sentence, cure, also, ruledOut, difference } = explanation
  print(context, options, explanation, [
    sentence,
    cure,
    ...(difference === undefined || text === null ? [] : ['', ...differenceLines(text, difference as TextDifference)]),
    ...also.flatMap((cause) => ['', `Also: ${cause.sentence}`, cause.cure]),
    ...(ruledOut.length === 0 ? [] : ['', 'Ruled out:', ...ruledOut.map((line) => `  - ${line}`)]),
  ])
}

function parseTime(text: string): number {
  const ms = /^[0-9]{13}$/.test(text) ? Number(text) : /^[0-9]{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time such as 2025-01-31T12:00:00Z, or milliseconds of 13 digits.')
  return ms
}
