export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** Decodes a JWT without verifying its signature. Null when it is not one. */
export function decodeToken(token: string): DecodedToken | null {
  const [header, claims, signature] = token.split('.')
  if (header === undefined || claims === undefined || signature === undefined) return null
  try {
    return { header: decodeSegment(header), claims: decodeSegment(claims) }
  } catch {
    return null
  }
}

function decodeSegment(segment: string): Record<string, unknown> {
  const bytes = Uint8Array.from(atob(segment.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
}

/** `23 h 59 min 58 s`, without leading zero units. */
export function tellDuration(seconds: number): string {
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const
  const first = units.findIndex(([amount]) => amount > 0)
  const shown = first === -1 ? units.slice(-1) : units.slice(first)
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ')
}
