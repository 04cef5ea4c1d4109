import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { type Explain, type Explanation, ExplanationText } from '../shared/explanation-text.tsx'
import type { PreparedRequest } from './prepared-request.ts'

/** Asks on demand why the signature of a request sent from this page was refused. The key stays in the page. */
export function Explainer({ request, explain }: { readonly request: PreparedRequest; readonly explain: Explain }) {
  const [explanation, setExplanation] = useState<Explanation | null>(null)
  const [isAsking, setIsAsking] = useState(false)

  async function ask() {
    setIsAsking(true)
    setExplanation(await explain({ call: request.operation.signedCall?.name, body: JSON.stringify(request.fields) }))
    setIsAsking(false)
  }

  return (
    <Stack gap="xs" role="status">
      {explanation === null ? (
        <Button variant="light" size="compact-sm" className="start" loading={isAsking} onClick={ask}>
          Why is my signature invalid?
        </Button>
      ) : (
        <ExplanationText explanation={explanation} />
      )}
    </Stack>
  )
}
