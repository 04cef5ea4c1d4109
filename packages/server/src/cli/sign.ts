import {
  canonicalString,
  GatewayError,
  isUnambiguousCallback,
  memberLogin,
  parameterError,
  parseStrictJson,
  printable,
  type SigningProfile,
  StrictJsonError,
} from '@lobbykey/contract'
import { type Command, Option } from 'commander'
import { signCanonical } from '../core/signature.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { readInput } from './read-input.ts'

interface SignOptions extends CommonOptions {
  key: string
  sign: SigningProfile['algorithm']
  callback: SigningProfile['callback']
}

/** `lobbykey sign`: what a merchant's own implementation is compared with. Needs no store. */
export function addSignVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'sign', 'Signs the JSON body on standard input: prints its canonical string and its sign.')
    .requiredOption('--key <key>', "the merchant's key")
    .addOption(new Option('--sign <algorithm>', 'signature algorithm').choices(['md5', 'hmac-sha256']).default('md5'))
    .addOption(
      new Option('--callback <rule>', 'whether callback is inside the signature').choices(['unsigned', 'signed']).default('unsigned'),
    )
    .action(async (options: SignOptions) => {
      const { canonical, sign } = signBody(await readInput(context), options)
      print(context, options, { canonical, sign }, [`canonical  ${canonical}`, `sign       ${sign}`])
    })
}

/**
 * Any member API body: every field that is there is signed, but those that never are. The canonical string is told as it is hashed:
 * with the key before it under MD5.
 */
function signBody(text: string, options: SignOptions): { canonical: string; sign: string } {
  const fields = parseBody(text)
  const names = Object.keys(fields)
    .filter((name) => !(memberLogin.unsigned as readonly string[]).includes(name))
    .filter((name) => name !== 'callback' || options.callback === 'signed')
    .sort()
  for (const name of names) verifyValue(name, fields[name], names)
  const canonical = canonicalString(fields, names)
  const sign = signCanonical(canonical, options.key, options.sign).toString('hex')
  return { canonical: options.sign === 'md5' ? `${options.key}&${canonical}` : canonical, sign }
}

function parseBody(text: string): Record<string, unknown> {
  try {
    return parseStrictJson(text, { depthMax: 2, keysMax: 64, plainNumbers: true })
  } catch (error) {
    if (error instanceof StrictJsonError) throw new GatewayError('invalid_body', { message: error.message })
    throw error
  }
}

/** Refuses what the server would: a value that has no one spelling, or one that could pass for other fields. */
function verifyValue(name: string, value: unknown, names: readonly string[]): void {
  if (value === null || typeof value === 'number') return
  if (typeof value !== 'string') throw parameterError(printable(name), 'must be a string or a whole number to be signed')
  const isCallback = name === 'callback'
  const isAmbiguous = isCallback ? !isUnambiguousCallback(value, names) : /[&\u0000-\u001f\u007f]/.test(value)
  if (isAmbiguous)
    throw parameterError(
      printable(name),
      isCallback ? 'must not hold & before the name of a field and =' : 'must not hold & or control characters',
    )
}
