import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { AdminError } from 'lobbykey-client/admin'
import { createContext, type ReactNode, useContext, useRef, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { t } from '../texts/texts.ts'
import { admin, signInCall } from './client.ts'

type Confirm = () => Promise<boolean>

const ConfirmationContext = createContext<Confirm>(async () => false)

/** Asks for the second factor again; false if cancelled. */
export function useConfirm(): Confirm {
  return useContext(ConfirmationContext)
}

interface Ways {
  readonly byClick: boolean
  readonly byCode: boolean
  readonly byPasskey: boolean
  /** The label of the provider of single sign-on that may confirm; null if none may. */
  readonly bySso: string | null
}

/** The dialog shown before an operation that needs a recent second factor. A confirmation lasts five minutes. */
export function ConfirmationProvider({ children }: { readonly children: ReactNode }) {
  const [ways, setWays] = useState<Ways | null>(null)
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState<unknown>(null)
  const [isBusy, setIsBusy] = useState(false)
  const settle = useRef<(isConfirmed: boolean) => void>(() => {})

  const confirm: Confirm = async () => {
    const [account, passkeys] = await Promise.all([admin.run('account.show', {}), admin.run('passkey.list', { limit: 1 })])
    setCode('')
    setProblem(null)
    const byClick = account.method === 'sandbox'
    setWays({
      byClick,
      byCode: account.hasPassword && !byClick,
      byPasskey: passkeys.items.length > 0 && !byClick,
      bySso: account.sso?.canConfirm ? account.sso.label : null,
    })
    return new Promise((resolve) => {
      settle.current = resolve
    })
  }
  const end = (isConfirmed: boolean) => {
    setWays(null)
    settle.current(isConfirmed)
  }
  const attempt = async (work: () => Promise<unknown>) => {
    setIsBusy(true)
    setProblem(null)
    try {
      await work()
      end(true)
    } catch (error) {
      setProblem((error as Error).name === 'NotAllowedError' ? t.confirm.noPasskey : error)
    }
    setIsBusy(false)
  }

  return (
    <ConfirmationContext value={confirm}>
      {children}
      <Dialog title={t.confirm.title} isOpen={ways !== null} onClose={() => end(false)}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void attempt(() => signInCall('confirm', ways?.byClick ? {} : { code }))
          }}
        >
          <Stack gap="md">
            <Text>{ways?.byClick ? t.confirm.saysClick : t.confirm.says}</Text>
            {ways !== null && !(ways.byClick || ways.byCode || ways.byPasskey || ways.bySso) && <Text>{t.confirm.noWay}</Text>}
            {ways?.byCode && (
              <TextInput
                label={t.confirm.code}
                value={code}
                onChange={(event) => setCode(event.currentTarget.value)}
                inputMode="numeric"
                autoComplete="one-time-code"
                data-autofocus
                required
              />
            )}
            {problem !== null && <ProblemText problem={problem} />}
            <Group gap="sm" justify="flex-end">
              <Button variant="default" onClick={() => end(false)}>
                {t.cancel}
              </Button>
              {ways?.bySso && (
                <>
                  <Button variant="default" component="a" href="/sign-in" target="_blank">
                    {t.confirm.withSso(ways.bySso)}
                  </Button>
                  <Button variant="default" onClick={() => end(true)}>
                    {t.confirm.wasSso}
                  </Button>
                </>
              )}
              {ways?.byPasskey && (
                <Button
                  variant={ways.byCode ? 'default' : 'filled'}
                  loading={isBusy}
                  onClick={() => void attempt(async () => signInCall('confirmWithPasskey', { response: await showPasskey() }))}
                >
                  {t.confirm.withPasskey}
                </Button>
              )}
              {(ways?.byCode || ways?.byClick) && (
                <Button type="submit" loading={isBusy}>
                  {t.confirm.confirm}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
      </Dialog>
    </ConfirmationContext>
  )
}

async function showPasskey(): Promise<Record<string, unknown>> {
  const { options } = await signInCall<'passkeyOptions', { options: PublicKeyCredentialRequestOptionsJSON | null }>('passkeyOptions', {})
  if (options === null) throw t.confirm.passkeyNeedsName
  const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
  return (credential as PublicKeyCredential).toJSON() as unknown as Record<string, unknown>
}

/** Whether a call failed only because the second factor must be given again. */
export function needsConfirmation(error: unknown): boolean {
  return error instanceof AdminError && error.key === 'confirmation_required'
}
