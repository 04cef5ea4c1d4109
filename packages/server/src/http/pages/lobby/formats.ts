const knownCurrencies = new Set(Intl.supportedValuesOf('currency'))

/** An amount in the language's format. A platform's own currency, such as VND2, is a number followed by its code. */
export function amountText(amount: string, currency: string, locale: string): string {
  return withCurrency(currency, locale, (format) => format.format(amount as Intl.StringNumericLiteral))
}

/** Both ends included. */
export function amountRangeText(least: string, most: string, currency: string, locale: string): string {
  return withCurrency(currency, locale, (format) =>
    format.formatRange(least as Intl.StringNumericLiteral, most as Intl.StringNumericLiteral),
  )
}

function withCurrency(currency: string, locale: string, run: (format: Intl.NumberFormat) => string): string {
  const isKnown = knownCurrencies.has(currency)
  const fraction = { minimumFractionDigits: 0, maximumFractionDigits: 4 } as const
  const text = run(new Intl.NumberFormat(locale, isKnown ? { style: 'currency', currency, ...fraction } : fraction))
  return isKnown ? text : `${text} ${currency}`
}

/** The currency's name with its code, or the code alone. */
export function currencyText(currency: string, locale: string): string {
  if (!knownCurrencies.has(currency)) return currency
  return `${new Intl.DisplayNames(locale, { type: 'currency' }).of(currency)} (${currency})`
}

/** In UTC: the page's script rewrites it in the reader's time zone. */
export function timeText(at: number, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return `${format.format(at)} UTC`
}

/** The name in the requested language and script, in its primary language, in English, or in any. */
export function nameOf(names: Readonly<Record<string, string>>, locale: string, otherwise: string): string {
  const { language, script } = new Intl.Locale(locale).maximize()
  return names[locale] ?? names[`${language}-${script}`] ?? names[language] ?? names.en ?? Object.values(names)[0] ?? otherwise
}

/** Hours, minutes and seconds. */
export function durationText(ms: number, locale: string): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const digits = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2, useGrouping: false })
  return [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map((part) => digits.format(Math.floor(part))).join(':')
}
