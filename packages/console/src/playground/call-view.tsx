import { Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Explain } from '../shared/explanation-text.tsx'
import { AnswerPanel } from './answer-panel.tsx'
import { CodePanel } from './code-panel.tsx'
import { RequestForm } from './request-form.tsx'
import { SignaturePanel } from './signature-panel.tsx'
import { TokenPanel } from './token-panel.tsx'
import type { PlaygroundState } from './use-playground.ts'

export interface CallViewProps {
  readonly state: PlaygroundState
  readonly explain: Explain | undefined
}

/** Whether the answer stands below the form, as in app.css. */
function isNarrow(): boolean {
  return matchMedia('(max-width: 48em)').matches
}

/** A call: its fields and signature, the answer, and the request as code. */
export function CallView({ state, explain }: CallViewProps) {
  const { draft, setDraft, changeValues, prepared, now, isSending, outcome, sentCount, send } = state
  const { operation, signature } = prepared
  const answer = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (sentCount > 0) answer.current?.scrollIntoView({ block: isNarrow() ? 'start' : 'nearest' })
  }, [sentCount])

  return (
    <main className="columns">
      <Stack gap="md">
        <div>
          <Title order={2} size="h3">
            {operation.title}
          </Title>
          <Text className="mono path">
            <b>{operation.method}</b> {operation.path}
          </Text>
          <Text c="dimmed" size="sm">
            {operation.description}
          </Text>
        </div>
        <RequestForm
          draft={draft}
          prepared={prepared}
          isSending={isSending}
          onChange={changeValues}
          onDraft={setDraft}
          onSend={() => send(draft)}
        />
      </Stack>
      <Stack gap="md">
        {signature !== null && <SignaturePanel draft={draft} prepared={prepared} signature={signature} />}
        <div ref={answer}>
          <AnswerPanel outcome={outcome} isSending={isSending} explain={explain} />
        </div>
        {operation.api === 'seller' && (
          <TokenPanel
            isEnded={state.endedToken === draft.values.accessToken}
            token={draft.values.accessToken ?? ''}
            now={now}
            isSending={isSending}
            onCall={(operationId) => send({ ...draft, operationId })}
          />
        )}
        <CodePanel draft={draft} />
      </Stack>
    </main>
  )
}
