import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isReached, type ResultLine, type RowResult } from './row.ts'
import { median } from './statistics.ts'
import { resultsFolder } from './workspace.ts'

export interface Report {
  readonly startedAt: string
  readonly minutes: number
  readonly machine: Readonly<Record<string, string>>
  readonly rows: readonly (RowResult & { readonly name: string; readonly title: string })[]
  /** Rows that did not run, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

/** Writes JSON and Markdown named by the time of the run, and as `latest` for a complete run. @returns the paths */
export function writeReport(report: Report, isWhole: boolean): string[] {
  const stamp = report.startedAt.replace(/[:.]/g, '-')
  const texts = { json: `${JSON.stringify(report, null, 2)}\n`, md: toMarkdown(report) }
  return [stamp, ...(isWhole ? ['latest'] : [])].flatMap((name) =>
    Object.entries(texts).map(([kind, text]) => {
      const path = join(resultsFolder, `${name}.${kind}`)
      writeFileSync(path, text)
      return path
    }),
  )
}

function toMarkdown({ startedAt, minutes, machine, rows, skipped }: Report): string {
  return [
    '# Benchmark',
    '',
    `${startedAt}, ${minutes.toFixed(1)} minutes. Ratios are medians over rounds in which all ran in turn; rates are of this machine and say little by themselves.`,
    '',
    ...Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`),
    '',
    ...markdownTable(
      ['row', 'against', 'reached', 'to reach', ''],
      rows.flatMap(({ lines }) => lines.map(tableCells)),
    ),
    '',
    ...rows.flatMap(({ title, figures, notes }) => [
      `## ${title}`,
      '',
      ...markdownTable(
        ['', 'median', 'rounds'],
        figures.map(({ name, unit, values }) => [name, `${number(median(values))} ${unit}`, values.map(number).join(' · ')]),
      ),
      '',
      ...notes.map((note) => `- ${note}`),
      '',
    ]),
    ...(skipped.length === 0 ? [] : ['## Did not run', '', ...skipped.map(({ name, reason }) => `- ${name}: ${reason}`), '']),
  ].join('\n')
}

/** Only the table, for the terminal. */
export function toTable(rows: Report['rows']): string {
  const cells = [['row', 'against', 'reached', 'to reach', ''], ...rows.flatMap(({ lines }) => lines.map(tableCells))]
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? []
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function tableCells(line: ResultLine): string[] {
  const { title, against, value, unit, target } = line
  const bound = target === null ? '' : `${target.bound === 'at least' ? '≥' : '≤'} ${number(target.value)} ${unit}`
  return [title, against, `${number(value)} ${unit}`, bound, target === null ? '' : isReached(line) ? 'yes' : 'NO']
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

function number(value: number): string {
  if (Number.isNaN(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return String(Math.round(value * 100) / 100)
}
