import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useRead } from '../../api/use-read.ts'
import { Section } from '../../parts/page.tsx'
import { problemText } from '../../parts/problem-text.tsx'
import { t } from '../../texts/texts.ts'

/** Tests whether the merchant's list admits an address, and by which entry. */
export function AddressTest({ agentId }: { readonly agentId: string }) {
  const [typed, setTyped] = useState('')
  const [address, setAddress] = useState('')
  const { data, error } = useRead('merchant.test-address', { agentId, address }, { isEnabled: address !== '' })
  const isAnswer = data !== undefined && error === null && address !== ''
  return (
    <Section title={t.merchant.test}>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault()
          setAddress(typed.trim())
        }}
      >
        <TextInput
          size="xs"
          label={t.merchant.testLabel}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={error === null ? undefined : problemText(error)}
          autoComplete="off"
          required
        />
        <Button type="submit" variant="default" size="xs">
          {t.merchant.testNow}
        </Button>
      </form>
      {isAnswer && <p role="status">{data.isAllowed ? t.merchant.passes(data.address, data.by ?? '') : t.merchant.fails(data.address)}</p>}
    </Section>
  )
}
