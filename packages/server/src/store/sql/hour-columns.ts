type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** Of the hours of a day, UTC. */
export type HourColumn = `h0${Digit}` | `h1${Digit}` | 'h20' | 'h21' | 'h22' | 'h23'

export const hourColumns = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}` as HourColumn)
