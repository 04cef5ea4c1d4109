import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { PreparedRequest } from './prepared-request.ts'

interface Cause {
  readonly sentence: string
  readonly cure: string
}

/** The likeliest mistake behind a refused signature, in one sentence, and what cures it. */
export interface Explanation extends Cause {
  /** What else is wrong with the same request. */
  readonly also: readonly Cause[]
  /** What it is not, where no mistake was found. */
  readonly ruledOut: readonly string[]
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
      setExplanation({ sentence: 'No explanation could be had.', cure: 'Try again in a moment.', also: [], ruledOut: [] })
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
          {[explanation, ...explanation.also].map(({ sentence, cure }) => (
            <div key={sentence}>
              <Text fw={600}>{sentence}</Text>
              <Text>{cure}</Text>
            </div>
          ))}
          {explanation.ruledOut.length > 0 && (
            <details>
              <summary>What it is not</summary>
              <ul>
                {explanation.ruledOut.map((mistake) => (
                  <li key={mistake}>{mistake}</li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
    </Stack>
  )
}
