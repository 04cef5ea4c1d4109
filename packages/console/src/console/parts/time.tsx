import { language, t } from '../texts/texts.ts'

/** A time in the reader's zone, with UTC as a tooltip. */
export function Time({ at, none = t.never }: { readonly at: string | null | undefined; readonly none?: string }) {
  if (at === null || at === undefined) return <span className="soft">{none}</span>
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace(/\.\d+Z$|Z$/, '')} UTC`}>
      {localTime(at)}
    </time>
  )
}

/** Made once, as making it takes far longer than using it; another language loads the page again. */
let times: Intl.DateTimeFormat | undefined
let numbers: Intl.NumberFormat | undefined

export function localTime(at: string): string {
  times ??= new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'medium' })
  return times.format(new Date(at))
}

/** A duration in the largest suitable unit. */
export function duration(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const
  const [unit, size] = units.find(([, size]) => Math.abs(ms) >= size) ?? ['millisecond', 1]
  return new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(ms / size)
}

export function number(value: number): string {
  numbers ??= new Intl.NumberFormat(language())
  return numbers.format(value)
}

/** Decimal text in the reader's form, with every digit. */
export function decimal(text: string): string {
  return /^\d+(\.\d+)?$/.test(text)
    ? new Intl.NumberFormat(language(), { maximumFractionDigits: 20 }).format(text as Intl.StringNumericLiteral)
    : text
}

/** A number that may be of a part only. */
export function counted(value: number, isComplete: boolean): string {
  return `${isComplete ? '' : '≥ '}${number(value)}`
}
