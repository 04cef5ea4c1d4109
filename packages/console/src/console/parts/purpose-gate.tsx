import { Button, Stack } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useAccount } from '../api/account.ts'
import { asksPurpose, purposeOf, setPurpose } from '../api/purpose.ts'
import { t } from '../texts/texts.ts'
import { Fields } from './fields.tsx'

const lengthMax = 200

/** Shows members' data once it was said why, where the server wants to know. */
export function PurposeGate({ children }: { readonly children: ReactNode }) {
  const { sessionId } = useAccount()
  const [purpose, say] = useState(() => purposeOf(sessionId))
  const [typed, setTyped] = useState('')
  if (!asksPurpose() || purpose !== null) return children
  return (
    <section className="panel" aria-label={t.purpose.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const text = typed.trim().slice(0, lengthMax)
          if (text === '') return
          setPurpose(sessionId, text)
          say(text)
        }}
      >
        <Stack gap="md">
          <Fields
            fields={[{ name: 'purpose', label: t.purpose.label, says: t.purpose.says, isRequired: true }]}
            values={{ purpose: typed }}
            onChange={(_name, value) => setTyped(value)}
          />
          <div className="actions">
            <Button type="submit">{t.purpose.goOn}</Button>
          </div>
        </Stack>
      </form>
    </section>
  )
}
