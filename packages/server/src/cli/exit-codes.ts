import { catalogue, type ErrorKey, forOperators, isGatewayError } from '@lobbykey/contract'
import { CommanderError } from 'commander'
import { ConfigError } from '../config/read-env.ts'
import { MasterKeyError } from '../core/base/master-key-check.ts'
import { UnfinishedCopyError } from '../store/copy/copy-mark.ts'
import { StoreTooNewError } from '../store/migrate.ts'

/** What each exit code means; `--help` shows them and docs/command-line.md is held to them. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'unexpected error',
  2: 'wrong usage, wrong value or wrong configuration',
  3: 'what was named is not there',
  4: 'refused: it exists already, or how things stand forbids it',
  5: 'the store or server cannot be reached; try again',
  6: 'things are not as declared: `apply --dry-run` found a difference',
  7: 'something that a server depends on is bad: `doctor` said what',
}

export const outOfStepCode = 6
export const unfitCode = 7

/** Ends a verb that has said everything with another code than 0. */
export class Ended extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}

const configurationErrors = [ConfigError, MasterKeyError, StoreTooNewError, UnfinishedCopyError]

/** How a command that failed ends: its exit code and what it says. */
export interface Failure {
  readonly exitCode: number
  readonly key: ErrorKey | 'usage' | 'configuration'
  readonly message: string
}

/** Turns whatever a verb threw into its end. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return { exitCode: 2, key: 'usage', message: error.message.replace(/^error: /, '') }
  if (configurationErrors.some((kind) => error instanceof kind)) {
    return { exitCode: 2, key: 'configuration', message: (error as Error).message }
  }
  if (isGatewayError(error)) {
    const { cause, cure } = forOperators(catalogue[error.key])
    return { exitCode: exitCodeOf(error.key), key: error.key, message: error.details.message ?? `${cause} ${cure}` }
  }
  return { exitCode: 1, key: 'internal', message: error instanceof Error ? error.message : String(error) }
}

function exitCodeOf(key: ErrorKey): number {
  // The member API's status for it is 400, by contract; to an operator it is what is there already.
  if (key === 'member_exists') return 4
  switch (catalogue[key].http) {
    case 400:
      return 2
    case 404:
      return 3
    case 401:
    case 403:
    case 409:
    case 412:
    case 422:
      return 4
    case 503:
      return 5
    default:
      return 1
  }
}
