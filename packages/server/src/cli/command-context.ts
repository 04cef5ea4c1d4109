import type { Readable, Writable } from 'node:stream'
import { escapeHidden } from '@lobbykey/contract'
import { type Command, InvalidArgumentError } from 'commander'
import type { Environment } from '../config/read-env.ts'
import type { Clock, SharedClock } from '../core/base/clock.ts'
import type { Store } from '../store/store.ts'

/** What a verb has of the world. */
export interface CommandContext {
  readonly env: Environment
  readonly clock: Clock
  /** In place of the database's time, where the clock is a test's own. */
  readonly sharedClock?: SharedClock
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable
  readonly errorOutput: Writable
  /** Resolves when the process is asked to end (SIGINT, SIGTERM). */
  readonly untilSignal: () => Promise<void>
}

/** The time that this command and every node on the store go by together. */
export function sharedClockOf({ sharedClock }: CommandContext, store: Pick<Store, 'readClock'>): SharedClock {
  return sharedClock ?? { read: () => store.readClock() }
}

/** Options that every verb takes. */
export interface CommonOptions {
  readonly json?: true
}

/** Adds a verb that can also answer in JSON. */
export function addVerb(parent: Command, usage: string, summary: string): Command {
  return parent.command(usage).summary(summary).description(summary).option('--json', 'answer in JSON on standard output')
}

/** A text for a terminal: nothing hidden in it but the ends of its lines, so that no name or message plays with the display (check 98). */
export function shownText(text: string): string {
  return text.split('\n').map(escapeHidden).join('\n')
}

/** A verb's answer: JSON for programs, lines for people. */
export function print(context: CommandContext, options: CommonOptions, value: unknown, lines: readonly string[]): void {
  context.output.write(options.json ? `${escapeHidden(JSON.stringify(value))}\n` : lines.map((line) => `${shownText(line)}\n`).join(''))
}

/** Rows under a heading, in columns; one line that says so when there are none. */
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

/** How a list goes on that was cut. */
export function moreLines(hasMore: boolean, after: string | undefined): string[] {
  if (!hasMore) return []
  return [after === undefined ? 'There are more: name a longer beginning.' : `There are more: --after ${after}`]
}

/** ISO 8601 in UTC, or a dash for what never happened. */
export function timeText(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString()
}

/** The same for JSON, where what never happened is null. */
export function timeValue(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** Value of a `--limit` option. */
export function parseLimit(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text) || Number(text) > 1000) throw new InvalidArgumentError('It must be a whole number from 1 to 1000.')
  return Number(text)
}
