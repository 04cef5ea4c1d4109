import type { Attempt, Family, Mistake } from '../mistake.ts'
import { asIs, query } from '../recipe.ts'
import { one } from './value-mistakes.ts'

const hourMs = 3_600_000
/** Every millisecond is tried up to this far from the one sent; signing comes before sending. */
const earlierMs = 5_000
const laterMs = 3_000
/** Every second, with the same milliseconds, up to this far. */
const farSeconds = 600

/** The timestamp signed in another unit or format than the one sent. */
export const timestampFormMistakes: Family = {
  ruledOut: 'the timestamp signed in minutes, seconds, microseconds or nanoseconds, or as a date in a usual format',
  *mistakes({ pairs }) {
    const sent = sentMs(pairs)
    if (sent === null) return
    const seconds = sent / 1000
    const inSeconds = [
      String(Math.floor(seconds)),
      String(Math.round(seconds)),
      String(Math.ceil(seconds)),
      String(seconds),
      seconds.toFixed(1),
    ]
    const decimals = [seconds.toFixed(2), seconds.toFixed(3), seconds.toFixed(4), seconds.toFixed(6), String(seconds).replace('.', ',')]
    for (const [index, text] of [...inSeconds, ...decimals].entries()) {
      yield otherUnit('The timestamp was signed in seconds but sent in milliseconds.', text, index < 3 ? 'any' : 'key')
    }
    for (const zeros of ['000', '000000']) {
      yield otherUnit('The timestamp was signed in microseconds or nanoseconds but sent in milliseconds.', sent + zeros, 'key')
    }
    const minutes = String(Math.floor(seconds / 60))
    yield otherUnit('The timestamp was signed in minutes but sent in milliseconds.', minutes, 'alone')
    // Half hours, fourteen hours east and west: nearly every time zone.
    for (let halfHours = -28; halfHours <= 28; halfHours++) {
      for (const text of dates(sent + (halfHours * hourMs) / 2, halfHours)) {
        const sentence = `The timestamp was signed as a date, “${text}”, but sent in milliseconds.`
        yield one('timestamp-signed-in-another-unit', 'timestamp', sentence, () => text, halfHours === 0 ? 'key' : 'alone')
      }
    }
  },
}

/** The clock read twice: once for the signature, once for the body. */
export const timestampReadTwice: Family = {
  ruledOut: `a timestamp signed other than the one sent: each from ${earlierMs / 1000} s earlier to ${laterMs / 1000} s later, whole seconds away within ${farSeconds} s, and quarters of an hour within a day; the same with a fraction of a millisecond`,
  *mistakes({ pairs }) {
    const sent = sentMs(pairs)
    if (sent === null) return
    // There are thousands, all with the same text around the timestamp, so that text is built once.
    const at = pairs.findIndex(([name]) => name === 'timestamp')
    const before = query([...pairs.slice(0, at), ['timestamp', '']])
    const after = ['', ...pairs.slice(at + 1).map((pair) => query([pair]))].join('&')
    const signedAt = (time: number | string): Mistake['steps'] => ({ select: nothing, order: asIs, join: () => before + time + after })
    for (const time of othersNear(sent)) {
      const difference = Math.abs(time - sent)
      const how = difference >= 1000 ? `${Math.round(difference / 1000)} s` : `${difference} ms`
      const isWhole = time === Math.floor(sent / 1000) * 1000
      const sentence = isWhole
        ? 'The timestamp in the signed text ends in 000, as one made from whole seconds does; the one sent does not.'
        : `The timestamp in the signed text is ${how} ${time < sent ? 'earlier' : 'later'} than the one sent.`
      // The likeliest are tried with every wrong key too.
      const isLikely = time < sent ? difference <= 300 || difference % 1000 === 0 : difference <= 60
      const isUsual = (isLikely && difference <= 60_000) || difference % hourMs === 0 || time % 1000 === 0
      const reach = isUsual ? 'key' : difference % 1000 === 0 ? 'alone' : 'never'
      yield { kind: 'timestamp-read-twice', sentence, field: 'timestamp', steps: signedAt(time), reach }
    }
    for (let away = 1; away <= 60; away++) {
      for (const seconds of [Math.floor(sent / 1000) - away, Math.floor(sent / 1000) + away]) {
        const sentence = 'The timestamp was signed in seconds, and read at another time than the one sent.'
        yield { kind: 'timestamp-signed-in-another-unit', sentence, field: 'timestamp', steps: signedAt(seconds), reach: 'alone' }
      }
    }
    for (const text of finerThan(sent)) {
      const sentence = `The timestamp was signed with a fraction of a millisecond, as “${text}”, but sent in whole milliseconds.`
      yield { kind: 'timestamp-signed-in-another-unit', sentence, field: 'timestamp', steps: signedAt(text), reach: 'never' }
    }
  },
}

const nothing = () => []

function otherUnit(sentence: string, text: string, reach: Mistake['reach']): Mistake {
  return one('timestamp-signed-in-another-unit', 'timestamp', sentence, () => text, reach)
}

/** The nearest first; earlier before later, because signing comes before sending. */
function* othersNear(sent: number): Generator<number> {
  const second = Math.floor(sent / 1000) * 1000
  yield second
  yield second + 1000
  for (let away = 1; away <= 60; away++) {
    yield sent - away
    yield sent + away
  }
  for (let away = 1; away <= 24 * 4; away++) {
    yield sent - away * (hourMs / 4)
    yield sent + away * (hourMs / 4)
  }
  for (let away = 61; away <= earlierMs; away++) {
    yield sent - away
    if (away <= laterMs) yield sent + away
  }
  for (let away = 1; away <= farSeconds; away++) {
    yield sent - away * 1000
    yield sent + away * 1000
  }
  for (let away = 3; away <= 60; away++) yield second - away * 1000
}

/** The reading of a finer clock than what was sent: microseconds, and floats of seconds and milliseconds as programs print them. */
function* finerThan(sent: number): Generator<string> {
  for (let tenth = 0; tenth < 10; tenth++) yield ((sent + tenth / 10) / 1000).toFixed(4).replace(/0{1,4}$/, '')
  for (let micro = 0; micro < 1_000; micro++) {
    const digits = String(micro).padStart(3, '0')
    yield `${sent}${digits}`
    // PHP's microtime().
    yield `0.${String(sent % 1000).padStart(3, '0')}${digits}00 ${Math.floor(sent / 1000)}`
  }
  yield* floatsBetween(sent / 1000, (sent + 1) / 1000)
  yield* floatsBetween(sent, sent + 1)
}

/** Every double from the first up to the second, exclusive, as printed: some four thousand per millisecond. */
function* floatsBetween(from: number, to: number): Generator<string> {
  const value = new Float64Array([from])
  const integer = new BigUint64Array(value.buffer)
  for (let at = value[0] as number; at < to; at = value[0] as number) {
    yield String(at)
    integer[0] = (integer[0] as bigint) + 1n
  }
}

function sentMs(pairs: Attempt['pairs']): number | null {
  const digits = pairs.find(([name]) => name === 'timestamp')?.[1]
  return digits !== undefined && /^[0-9]{13}$/.test(digits) ? Number(digits) : null
}

/** For a clock this many half hours ahead of UTC, by which `at` is already shifted. */
function dates(at: number, halfHours: number): string[] {
  const iso = new Date(at).toISOString()
  // Tue, 17 Dec 2024 06:44:33 GMT
  const utc = new Date(at).toUTCString()
  const [weekday = '', date = '', month = '', year = '', clock = ''] = utc.split(/,? /)
  const away = Math.abs(halfHours)
  const zone = `${halfHours < 0 ? '-' : '+'}${String(away >> 1).padStart(2, '0')}${away % 2 === 0 ? '00' : '30'}`
  const colon = `${zone.slice(0, 3)}:${zone.slice(3)}`
  const [day = '', time = ''] = iso.slice(0, -1).split('T')
  const second = time.slice(0, 8)
  return [
    iso,
    `${day}T${second}Z`,
    `${day} ${second}`,
    `${day}T${second}`,
    `${day} ${time}`,
    `${day}${second}`.replace(/[-:]/g, ''),
    // ISO 8601 of a zone, RFC 1123, Go's String, JavaScript's, C's ctime.
    `${day}T${second}${colon}`,
    `${day}T${time}${colon}`,
    `${day}T${second}${zone}`,
    `${day} ${second}${colon}`,
    utc.replace('GMT', halfHours === 0 ? 'GMT' : zone),
    utc.replace('GMT', zone),
    `${day} ${time.replace(/\.?0{1,3}$/, '')} ${zone} ${halfHours === 0 ? 'UTC' : zone.slice(0, zone.endsWith('00') ? 3 : 5)}`,
    `${weekday} ${month} ${date} ${year} ${clock} GMT${zone}`,
    `${weekday} ${month} ${date.replace(/^0/, ' ')} ${clock} ${year}`,
    // hh for HH: twelve hours.
    `${day} ${twelve(second)}`,
    `${day}${twelve(second)}`.replace(/[-:]/g, ''),
    `${day}T${twelve(second)}`,
    `${day.replaceAll('-', '/')} ${second}`,
    day,
    day.replaceAll('-', ''),
  ]
}

function twelve(time: string): string {
  return String(((Number(time.slice(0, 2)) + 11) % 12) + 1).padStart(2, '0') + time.slice(2)
}
