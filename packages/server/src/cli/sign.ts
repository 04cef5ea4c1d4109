import {
  canonicalString,
  compileFields,
  defaultAlgorithm,
  defaultCallbackRule,
  dropEmpty,
  GatewayError,
  isUnambiguousCallback,
  memberLogin,
  parameterError,
  parseStrictJson,
  printable,
  type SignedCall,
  type SigningProfile,
  StrictJsonError,
  signedCalls,
  signedNames,
  signingAlgorithms,
  textToHash,
} from '@lobbykey/contract'
import { type Command, Option } from 'commander'
import { signHex } from '../core/members/signature.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { algorithmOption, callbackOption } from './profile-options.ts'
import { readInput } from './read-input.ts'

interface SignOptions extends CommonOptions {
  key: string
  sign: SigningProfile['algorithm']
  callback: SigningProfile['callback']
  call?: string
}

const anySignature = '0'.repeat(signingAlgorithms[defaultAlgorithm].digits)

/** `lobbykey sign`: a reference for merchants' own implementations. Needs no store. */
export function addSignVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'sign', 'Signs the JSON body on standard input: prints its canonical string and signature.')
    .requiredOption('--key <key>', "the merchant's key")
    .addOption(algorithmOption().default(defaultAlgorithm))
    .addOption(callbackOption().default(defaultCallbackRule))
    .addOption(
      new Option('--call <name>', "check the body against one call's fields and sign as that call does (default: any body)").choices(
        signedCalls.map(({ name }) => name),
      ),
    )
    .action(async (options: SignOptions) => {
      const signed = signBody(await readInput(context), options)
      const lines = Object.entries(signed).map(([name, value]) => `${name.padEnd(9)}  ${value}`)
      print(context, options, signed, lines)
    })
}

/**
 * Signs a member API body. Without a call, signs every present field except those never signed. Returns the string as hashed, with the key
 * where the algorithm includes it.
 */
function signBody(text: string, options: SignOptions): { canonical: string; sign: string; query?: string } {
  const fields = parseBody(text)
  const call = signedCalls.find(({ name }) => name === options.call)
  if (call !== undefined) verifyFields(call, fields)
  const signed = call === undefined ? null : signedNames(call, options.callback)
  const names = Object.keys(fields)
    .filter((name) => signed?.includes(name) ?? isSignedAnywhere(name, options))
    .sort()
  for (const name of names) verifyValue(name, fields[name], names)
  const canonical = canonicalString(fields, names)
  const sign = signHex(canonical, options.key, options.sign)
  return {
    canonical: textToHash(canonical, options.key, options.sign),
    sign,
    ...(call?.method === 'GET' ? { query: queryOf(fields, sign) } : {}),
  }
}

function isSignedAnywhere(name: string, { callback }: SignOptions): boolean {
  return name === 'callback' ? callback === 'signed' : !(memberLogin.unsigned as readonly string[]).includes(name)
}

/** As the server does, whatever the signature so far. @throws GatewayError invalid_parameter */
function verifyFields({ schema, clearable }: SignedCall, fields: Record<string, unknown>): void {
  compileFields(schema)(dropEmpty({ ...fields, sign: anySignature }, schema.properties, clearable))
}

/** The query of a GET call. */
function queryOf({ sign: _sign, ...fields }: Record<string, unknown>, sign: string): string {
  return Object.entries({ ...fields, sign })
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&')
}

function parseBody(text: string): Record<string, unknown> {
  try {
    return parseStrictJson(text, { depthMax: 2, keysMax: 64, plainNumbers: true })
  } catch (error) {
    if (error instanceof StrictJsonError) throw new GatewayError('invalid_body', { message: error.message })
    throw error
  }
}

/** Refuses what the server refuses: values without one spelling, or that could pass for other fields. */
function verifyValue(name: string, value: unknown, names: readonly string[]): void {
  if (value === null || typeof value === 'number') return
  if (typeof value !== 'string') throw parameterError(printable(name), 'must be a string or a whole number to be signed')
  const isCallback = name === 'callback'
  const isAmbiguous = isCallback ? !isUnambiguousCallback(value, names) : /[&\u0000-\u001f\u007f]/.test(value)
  if (isAmbiguous)
    throw parameterError(
      printable(name),
      isCallback ? 'must not contain & followed by a field name and =' : 'must not contain & or control characters',
    )
}
