import { createTheme } from '@mantine/core'

/** Mantine's part of our look; the colours of surfaces and lines are in tokens.css. */
export const theme = createTheme({
  fontFamily: 'system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 'md',
  colors: {
    // Mantine's dark greys with the blue of the server's own pages: text first, background last.
    dark: ['#e8edf3', '#c9d3de', '#a3b0bf', '#73808f', '#3d4957', '#313c49', '#222c37', '#1a222c', '#151c24', '#11171e'],
  },
  // Shades with a contrast of 4.5 under white text and on the page.
  primaryShade: { light: 8, dark: 8 },
  cursorType: 'pointer',
})
