import { Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { AnswerPanel } from './answer-panel.tsx'
import { askServer } from './ask-server.ts'
import { CallList } from './call-list.tsx'
import { CodePanel } from './code-panel.tsx'
import { PageHeader } from './page-header.tsx'
import type { PageSettings } from './page-settings.ts'
import { RequestForm } from './request-form.tsx'
import { SignaturePanel } from './signature-panel.tsx'
import { TokenPanel } from './token-panel.tsx'
import { usePlayground } from './use-playground.ts'

export interface PlaygroundProps {
  readonly settings: PageSettings
}

export function Playground({ settings }: PlaygroundProps) {
  const { draft, setDraft, changeValues, prepared, now, isSending, outcome, sentCount, send } = usePlayground(settings)
  const { operation, signature } = prepared
  const answer = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (sentCount > 0) answer.current?.scrollIntoView({ block: 'nearest' })
  }, [sentCount])

  return (
    <>
      <PageHeader hasStartPage={settings.samples !== null} />
      <div className="layout">
        <CallList operationId={operation.id} onSelect={(operationId) => setDraft({ ...draft, operationId })} />
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
              <AnswerPanel outcome={outcome} isSending={isSending} explain={settings.canExplain ? askServer : undefined} />
            </div>
            {operation.api === 'seller' && (
              <TokenPanel
                token={draft.values.accessToken ?? ''}
                now={now}
                isSending={isSending}
                onCall={(operationId) => send({ ...draft, operationId })}
              />
            )}
            <CodePanel draft={draft} />
          </Stack>
        </main>
      </div>
    </>
  )
}
