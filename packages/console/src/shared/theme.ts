import { designColors, designSizes } from '@lobbykey/contract/design'
import { createTheme } from '@mantine/core'

const { ink, soft, line, paper, ground, accent } = designColors

/** Mantine's part of our look; tokens.css maps the rest of its colours to ours. */
export const theme = createTheme({
  fontFamily: designSizes.sans,
  fontFamilyMonospace: designSizes.mono,
  defaultRadius: designSizes.radius,
  colors: {
    // Text first, background last.
    dark: [ink[1], '#c9d3de', soft[1], '#73808f', '#3d4957', line[1], '#222c37', paper[1], '#151c24', ground[1]],
    house: ['#e6f0fb', '#cfe2f7', '#b0d2f5', '#93c4f5', accent[1], '#4f9ae6', '#2f80d4', '#1a6cc0', accent[0], '#094a8c'],
  },
  primaryColor: 'house',
  // A contrast of 4.5 under white text and on the page.
  primaryShade: { light: 8, dark: 8 },
  cursorType: 'pointer',
})
