import { catalogue, type ErrorKey, forOperators, isGatewayError } from '@lobbykey/contract'
import { CommanderError } from 'commander'
import { ConfigError } from '../config/read-env.ts'
import { MasterKeyError } from '../core/base/master-key-check.ts'
import { UnfinishedCopyError } from '../store/copy/copy-mark.ts'
import { StoreTooNewError } from '../store/store-too-new-error.ts'

/** Shown by `--help` and in docs/command-line.md. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'unexpected error',
  2: 'wrong usage, wrong value or wrong configuration',
  3: 'not found',
  4: 'refused: it already exists, or the current state forbids it',
  5: 'the store or server cannot be reached, or asks to wait; try again',
  6: 'the state differs from the declaration: `apply --dry-run` found a difference',
  7: '`doctor` found a problem',
  8: '`merchant certificate` is not complete yet',
}

export const outOfStepCode = 6
export const unfitCode = 7
export const incompleteCode = 8

/** Ends a verb that has printed everything with an exit code other than 0. */
export class Ended extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}

const configurationErrors = [ConfigError, MasterKeyError, StoreTooNewError, UnfinishedCopyError]

/** How a failed command ends. */
export interface Failure {
  readonly exitCode: number
  readonly key: ErrorKey | 'usage' | 'configuration'
  readonly message: string
}

/** Turns anything thrown by a verb into an exit code and message. */
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
  // The contract gives it status 400; for operators it is a conflict.
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
    case 429:
    case 503:
      return 5
    default:
      return 1
  }
}
