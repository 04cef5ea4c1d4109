import { designColors } from '@lobbykey/contract/design'

/** WCAG 2.2, success criterion 1.4.3: 4.5:1 for text. */
const contrastMin = 4.5

const [light, dark] = designColors.paper
/** Page backgrounds by colour scheme. */
export const paperColors = { light, dark }
type Scheme = keyof typeof paperColors

/** The colours of a brand as rendered. */
export interface BrandColors {
  readonly button: { readonly ground: string; readonly ink: string } | null
  readonly header: { readonly ground: string; readonly ink: string } | null
  /** Colour of links on the page background. */
  readonly link: Readonly<Record<Scheme, string>> | null
  /** A light tint of it for the background. */
  readonly tint: Readonly<Record<Scheme, string>> | null
}

/** A button and the header keep their colour, with readable text on it. Links keep it only where they are readable. */
export function drawnColors({ accentColor, headerColor }: { accentColor: string | null; headerColor: string | null }): BrandColors {
  // Written anew, so that no other text gets into a style sheet.
  const filled = (color: string | null) => (color === null ? null : { ground: hexOf(channelsOf(color)), ink: inkOn(color) })
  return {
    button: filled(accentColor),
    header: filled(headerColor),
    link: accentColor === null ? null : { light: readable(accentColor, 'light'), dark: readable(accentColor, 'dark') },
    tint: accentColor === null ? null : { light: mix(paperColors.light, accentColor, 10), dark: mix(paperColors.dark, accentColor, 16) },
  }
}

/** Explains which colours are rendered differently, and why. */
export function colorAdjustments(accentColor: string | null): string[] {
  if (accentColor === null) return []
  return (['light', 'dark'] as const).flatMap((scheme) => {
    const drawn = readable(accentColor, scheme)
    if (drawn === accentColor) return []
    const ratio = contrast(accentColor, paperColors[scheme]).toFixed(1)
    return [
      `Links on ${scheme} pages are drawn in ${drawn}: ${accentColor} has a contrast of ${ratio}:1 there, and WCAG AA asks for ${contrastMin}:1`,
    ]
  })
}

/** White, or black where white is unreadable: one of both always is readable. */
function inkOn(ground: string): string {
  return contrast('#ffffff', ground) >= contrastMin ? '#ffffff' : '#000000'
}

/** The colour, or the nearest one towards black or white that is readable on the page background. */
function readable(color: string, scheme: Scheme): string {
  const paper = paperColors[scheme]
  const end = scheme === 'light' ? '#000000' : '#ffffff'
  for (let percent = 0; percent < 100; percent += 2) {
    const mixed = mix(color, end, percent)
    if (contrast(mixed, paper) >= contrastMin) return mixed
  }
  return end
}

function mix(color: string, other: string, percent: number): string {
  const others = channelsOf(other)
  return hexOf(channelsOf(color).map((value, index) => Math.round(value + (((others[index] ?? 0) - value) * percent) / 100)))
}

/** WCAG 2.2, "contrast ratio". */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function channelsOf(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
}

function hexOf(channels: readonly number[]): string {
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}
