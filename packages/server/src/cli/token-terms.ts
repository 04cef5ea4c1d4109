import { type Right, rights } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError } from 'commander'

/** What an API token permits, as options. */
export interface TokenTerms {
  readonly right?: Right[]
  readonly merchant?: string[]
  readonly allowConfirmed?: true
  readonly days: number
}

/** Options of `token add` and `connect`. */
export function addTokenTerms(verb: Command): Command {
  return verb
    .option(
      '--right <rights>',
      `a subset of the operator's rights, comma-separated; default: all (${Object.keys(rights).join(', ')})`,
      parseRights,
    )
    .option('--merchant <agent-ids>', "the only merchants it may act on, comma-separated; default: the operator's", parseList)
    .option('--allow-confirmed', 'let it run operations that need confirmation')
    .option('--days <n>', 'how long it is valid, 1 to 366', parseDays, 90)
}

/** A list in one option or several. */
export function parseList(text: string, previous: string[] = []): string[] {
  return [...previous, ...text.split(',').map((item) => item.trim())]
}

function parseRights(text: string, previous: Right[] = []): Right[] {
  const list = parseList(text)
  const unknown = list.find((right) => !Object.hasOwn(rights, right))
  if (unknown !== undefined) throw new InvalidArgumentError('It must be rights from the list, comma-separated.')
  return [...previous, ...(list as Right[])]
}

function parseDays(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text) || Number(text) > 366) throw new InvalidArgumentError('It must be a whole number from 1 to 366.')
  return Number(text)
}
