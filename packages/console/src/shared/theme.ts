import { createTheme } from '@mantine/core'

/** What Mantine has of the house's look; the colours of grounds and lines are in tokens.css. */
export const theme = createTheme({
  fontFamily: 'system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 'md',
  colors: {
    // Mantine's greys of the dark scheme with the blue of the server's own pages: text first, ground last.
    dark: ['#e8edf3', '#c9d3de', '#a3b0bf', '#73808f', '#3d4957', '#313c49', '#222c37', '#1a222c', '#151c24', '#11171e'],
  },
  // Shades that keep white text on them, and them on the page, at a contrast of 4.5.
  primaryShade: { light: 8, dark: 8 },
  cursorType: 'pointer',
})
