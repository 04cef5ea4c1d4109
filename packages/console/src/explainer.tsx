import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { PreparedRequest } from './prepared-request.ts'

/** The likeliest mistake behind a refused signature, in one sentence, and what cures it. */
export interface Explanation {
  readonly mistake: string
  readonly cure: string
}

export type Explain = (request: PreparedRequest) => Promise<Explanation>

/** Asks, when told to, why the signature of a request was refused. */
export function Explainer({ request, explain }: { readonly request: PreparedRequest; readonly explain: Explain }) {
  const [explanation, setExplanation] = useState<Explanation | null>(null)
  const [isAsking, setIsAsking] = useState(false)

  async function ask() {
    setIsAsking(true)
    try {
      setExplanation(await explain(request))
    } catch {
      setExplanation({ mistake: 'No explanation could be had.', cure: 'Try again in a moment.' })
    } finally {
      setIsAsking(false)
    }
  }

  return (
    <Stack gap="xs" role="status">
      {explanation === null ? (
        <Button variant="light" size="compact-sm" className="start" loading={isAsking} onClick={ask}>
          Why is my signature invalid?
        </Button>
      ) : (
        <>
          <Text fw={600}>{explanation.mistake}</Text>
          <Text>{explanation.cure}</Text>
        </>
      )}
    </Stack>
  )
}
