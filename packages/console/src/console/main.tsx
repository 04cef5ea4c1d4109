import '../shared/mantine-styles.ts'
import './console.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { AdminError } from 'lobbykey-client/admin'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { readPageMeta } from '../shared/page-meta.ts'
import { theme } from '../shared/theme.ts'
import { type Account, AccountContext } from './api/account.ts'
import { admin, isSignedOutKey } from './api/client.ts'
import { ConfirmationProvider } from './api/confirmation.tsx'
import { ProblemText } from './parts/problem-text.tsx'
import { router } from './router.tsx'
import { loadTexts } from './texts/texts.ts'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The client has retried already; an unreachable server is retried until it is back.
      retry: (_count, error) => error instanceof AdminError && error.key === 'not_reached',
      retryDelay: 2_000,
      // The server may be on this machine, whatever the browser knows about the network.
      networkMode: 'always',
      staleTime: 5_000,
    },
  },
})
const nonce = readPageMeta()?.nonce ?? ''

void start()

async function start(): Promise<void> {
  // All at once; the screen's own code too.
  const asked = admin.run('account.show', {}).catch((error: unknown) => error as AdminError)
  void router.load()
  await loadTexts()
  const found = await asked
  if (found instanceof Error) {
    if (found instanceof AdminError && isSignedOutKey(found.key)) return signIn()
    return render(null, found)
  }
  render(found)
}

function signIn(): void {
  location.replace(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`)
}

function render(account: Account | null, problem?: Error): void {
  const element = document.getElementById('root')
  if (element === null) throw new Error('the page has no #root')
  createRoot(element).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        {account === null ? (
          <main>
            <ProblemText problem={problem} />
          </main>
        ) : (
          <AccountContext value={account}>
            <QueryClientProvider client={queries}>
              <ConfirmationProvider>
                <RouterProvider router={router} />
              </ConfirmationProvider>
            </QueryClientProvider>
          </AccountContext>
        )}
      </MantineProvider>
    </StrictMode>,
  )
}
