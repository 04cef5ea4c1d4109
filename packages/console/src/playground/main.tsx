import '../shared/mantine-styles.ts'
import '@mantine/core/styles/ActionIcon.css'
import '@mantine/core/styles/NavLink.css'
import '@mantine/core/styles/PasswordInput.css'
import '@mantine/core/styles/Tabs.css'
import './app.css'
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { theme } from '../shared/theme.ts'
import { readPageSettings } from './page-settings.ts'
import { Playground } from './playground.tsx'

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
