import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import '@mantine/core/styles/UnstyledButton.css'
import '@mantine/core/styles/ActionIcon.css'
import '@mantine/core/styles/Anchor.css'
import '@mantine/core/styles/Badge.css'
import '@mantine/core/styles/Button.css'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/Group.css'
import '@mantine/core/styles/Input.css'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Loader.css'
import '@mantine/core/styles/NavLink.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/PasswordInput.css'
import '@mantine/core/styles/Stack.css'
import '@mantine/core/styles/Tabs.css'
import '@mantine/core/styles/Text.css'
import '@mantine/core/styles/Title.css'
import './app.css'
import { createTheme, MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { readPageSettings } from './page-settings.ts'
import { Playground } from './playground.tsx'

const theme = createTheme({
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

const settings = readPageSettings()
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => settings.nonce}>
      <Playground settings={settings} />
    </MantineProvider>
  </StrictMode>,
)
