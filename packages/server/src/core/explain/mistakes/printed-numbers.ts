/** How languages print a whole number that they hold as a float or a narrow integer, or format for people; commonest first. */
export function* printedNumbers(digits: string): Generator<string> {
  const value = Number(digits)
  yield `${digits}.0`
  yield* exponentials(value.toExponential())
  for (const separator of [',', '.', ' ', '_', "'", '\u00a0', '\u202f', '’']) yield grouped(digits, separator)
  // Digits of other scripts: Arabic, Persian, Devanagari, Bengali, Thai, Burmese, Khmer, full-width.
  for (const zero of [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x1040, 0x17e0, 0xff10]) {
    yield digits.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)))
  }
  for (const format of formats()) yield format.format(value)
  for (const decimals of ['.00', '.000', '.0000', '.00000', '.000000', '.', ',0', ',00']) yield digits + decimals
  for (const suffix of ['L', 'n', 'l', 'ms', 'Z']) yield digits + suffix
  for (const prefix of ['+', '0', '-', '00']) yield prefix + digits
  // 32-bit integers, signed, unsigned and saturated; 32-bit floats.
  for (const narrow of [value | 0, value >>> 0, 2_147_483_647, 4_294_967_295, Math.fround(value)]) yield String(narrow)
  // Go's string(number), and its verb for another type.
  yield '\ufffd'
  for (const type of ['int64', 'int', 'uint64', 'float64']) yield `%!s(${type}=${type === 'float64' ? value.toExponential() : digits})`
  yield value.toFixed(6)
  yield value.toString(16)
  yield value.toString(16).toUpperCase()
  yield value.toString(36)
  for (const precision of [4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    const rounded = value.toExponential(precision - 1)
    yield* exponentials(rounded)
    yield* exponentials(rounded.replace(/\.?0{1,20}e/, 'e'))
  }
  const single = Math.fround(value)
  for (const precision of [7, 8, 9]) yield* exponentials(single.toExponential(precision - 1).replace(/\.?0{1,20}e/, 'e'))
}

let readers: readonly Intl.NumberFormat[] | undefined

/** For languages that group digits differently or have their own. Built once. */
function formats(): readonly Intl.NumberFormat[] {
  const languages = [
    'en-IN',
    'ar-EG',
    'fa-IR',
    'bn-BD',
    'mr-IN',
    'my-MM',
    'ne-NP',
    'th-TH-u-nu-thai',
    'km-KH-u-nu-khmr',
    'de-CH',
    'fr-FR',
    'pl-PL',
  ]
  readers ??= languages.map((language) => new Intl.NumberFormat(language))
  return readers
}

/** `1.7e+12` as C, Java, .NET and others write it. */
function* exponentials(printed: string): Generator<string> {
  yield printed
  yield printed.replace('e+', 'E')
  yield printed.replace('e+', 'E+')
  yield printed.replace('e+', 'e')
  yield printed.replace('e+', 'E+0')
  yield printed.replace('e+', 'E+00')
  yield printed.replace('e+', '*10^')
}

function grouped(digits: string, separator: string): string {
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end))
  return groups.join(separator)
}
