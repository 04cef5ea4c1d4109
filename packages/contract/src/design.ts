/** What all pages share: colours, type, spacing, and the logo. Every page's style sheet is built on these custom properties. */

/** Each in the light and in the dark scheme; text on its background has a contrast of at least 4.5 (WCAG 2.2, 1.4.3). */
export const designColors = {
  ground: ['#f3f5f8', '#11171e'],
  paper: ['#ffffff', '#1a222c'],
  line: ['#d9dfe7', '#313c49'],
  ink: ['#1c2430', '#e8edf3'],
  soft: ['#5a6675', '#a3b0bf'],
  accent: ['#0b5cad', '#7ab8f5'],
  glow: ['#e6f0fb', '#16283a'],
  warn: ['#9a3412', '#fdba74'],
  'warn-ground': ['#fff3e6', '#33230f'],
  bad: ['#8f1d14', '#ffc9c4'],
  'bad-ground': ['#fde3e1', '#5c1f1a'],
  good: ['#0f5132', '#a6e9c5'],
  'good-ground': ['#d1f5e0', '#14452f'],
  shade: ['#1c243040', '#000000b0'],
} as const

/** A background that shades the edge behind which text goes on: that edge's cover scrolls away with the text. */
export const scrollEdges = [
  'linear-gradient(to right,var(--ground) 40%,transparent) left/2.5rem 100% no-repeat local',
  'linear-gradient(to left,var(--ground) 40%,transparent) right/2.5rem 100% no-repeat local',
  'linear-gradient(to right,var(--shade),transparent) left/.75rem 100% no-repeat scroll',
  'linear-gradient(to left,var(--shade),transparent) right/.75rem 100% no-repeat scroll',
  'var(--ground)',
].join(',')

export const designSizes = {
  sans: 'system-ui, sans-serif',
  mono: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  radius: '8px',
  'radius-large': '12px',
  gap: '1rem',
} as const

/** For browsers that know `light-dark()`: a page may choose its scheme. */
export function designStyle(): string {
  return `:root{${properties({ ...designSizes, 'scroll-edges': scrollEdges })};${colors(([light, dark]) => `light-dark(${light},${dark})`)}}`
}

/** For every browser: the scheme is the system's. */
export function designStyleByMedia(): string {
  const dark = `@media(prefers-color-scheme:dark){:root{${colors(([, value]) => value)}}}`
  return `:root{color-scheme:light dark;${properties(designSizes)};${colors(([light]) => light)}}\n${dark}`
}

function colors(writeColor: (pair: readonly [string, string]) => string): string {
  return properties(Object.fromEntries(Object.entries(designColors).map(([name, pair]) => [name, writeColor(pair)])))
}

function properties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${designColors.accent[0]}"/><g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"><circle cx="11" cy="16" r="4.5"/><path d="M15.5 16H26m-3.5 0v4.5m-3.500-4.500v3"/></g></svg>`

/** The logo as a data URL, which every page's policy lets it show, as its icon too. */
export const logoUrl = `data:image/svg+xml,${encodeURIComponent(logo)}`
