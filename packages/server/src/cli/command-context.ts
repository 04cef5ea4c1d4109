import type { Readable, Writable } from 'node:stream'
import { escapeHidden } from '@lobbykey/contract'
import { type Command, InvalidArgumentError } from 'commander'
import type { Environment } from '../config/read-env.ts'
import type { Clock, SharedClock } from '../core/base/clock.ts'
import type { Store } from '../store/store.ts'

/** A verb's environment. */
export interface CommandContext {
  readonly env: Environment
  readonly clock: Clock
  /** Replaces the database's time in tests. */
  readonly sharedClock?: SharedClock
  /** Why a verb reads members' data, where its user says so. */
  readonly purpose?: string | undefined
  /** Replaces waiting in tests. */
  readonly pause?: (ms: number) => Promise<void>
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable
  readonly errorOutput: Writable
  /** Resolves on SIGINT or SIGTERM. */
  readonly untilSignal: () => Promise<void>
}

/** The clock shared by this command and every node on the store. */
export function sharedClockOf({ sharedClock }: CommandContext, store: Pick<Store, 'readClock'>): SharedClock {
  return sharedClock ?? { read: () => store.readClock() }
}

/** Options of every verb. */
export interface CommonOptions {
  readonly json?: true
}

/** Adds a verb with `--json`. */
export function addVerb(parent: Command, usage: string, summary: string): Command {
  return parent.command(usage).summary(summary).description(summary).option('--json', 'answer in JSON on standard output')
}

/** Escapes hidden characters, except line breaks, so that no text manipulates the terminal (check 98). */
export function shownText(text: string): string {
  return text.split('\n').map(escapeHidden).join('\n')
}

/** Prints a verb's answer: JSON for programs, lines for people. */
export function print(context: CommandContext, options: CommonOptions, value: unknown, lines: readonly string[]): void {
  context.output.write(options.json ? `${escapeHidden(JSON.stringify(value))}\n` : lines.map((line) => `${shownText(line)}\n`).join(''))
}

/** Rows in columns under a heading, or `none`. */
export function tableLines(heading: readonly string[], rows: readonly (readonly string[])[], none: string): string[] {
  if (rows.length === 0) return [none]
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [heading, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** How to continue a truncated list. */
export function moreLines(hasMore: boolean, after: string | undefined): string[] {
  if (!hasMore) return []
  return [after === undefined ? 'There are more: narrow the filter.' : `There are more: --after ${after}`]
}

/** Value of a `--limit` option. */
export function parseLimit(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text) || Number(text) > 1000) throw new InvalidArgumentError('It must be a whole number from 1 to 1000.')
  return Number(text)
}
