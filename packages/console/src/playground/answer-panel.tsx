import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { CodeBlock } from '../shared/code-block.tsx'
import { CodeText } from '../shared/code-text.tsx'
import type { Explain } from '../shared/explanation-text.tsx'
import { explainCode } from './explain-code.ts'
import { Explainer } from './explainer.tsx'
import { type Answer, isSuccess, type Outcome } from './send-request.ts'

export interface AnswerPanelProps {
  readonly outcome: Outcome | null
  readonly isSending: boolean
  readonly explain: Explain | undefined
}

export function AnswerPanel({ outcome, isSending, explain }: AnswerPanelProps) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Answer" aria-busy={isSending} aria-live="polite">
      <Stack gap="sm">
        <Title order={3} size="h5">
          Answer
        </Title>
        {outcome === null && <Text c="dimmed">Nothing has been sent yet.</Text>}
        {outcome !== null && 'failure' in outcome && <Text className="warning">{outcome.failure}</Text>}
        {outcome !== null && 'answer' in outcome && <AnswerDetails answer={outcome.answer} explain={explain} />}
      </Stack>
    </Paper>
  )
}

function AnswerDetails({ answer, explain }: { readonly answer: Answer; readonly explain: Explain | undefined }) {
  const { envelope, status, durationMs, headers, request } = answer
  const message = envelope?.message ?? envelope?.msg ?? ''
  const lobbyUrl = findLobbyUrl(answer)
  const causes = envelope === null || isSuccess(answer) ? [] : explainCode(request.operation, envelope.code, message)
  const isSignatureFault = causes.some(({ key }) => key === 'bad_signature') || /\b(?:sign|timestamp)\b/.test(message)
  return (
    <>
      <Group gap="xs">
        <Badge size="lg" className={`code-badge ${isSuccess(answer) ? 'good' : 'bad'}`} data-testid="code">
          {envelope?.code ?? 'no code'}
        </Badge>
        <Text fw={600}>{message}</Text>
      </Group>
      <Text size="sm" c="dimmed">
        HTTP {status}, {durationMs.toFixed(1)} ms
      </Text>
      {lobbyUrl !== null && (
        <Button component="a" href={lobbyUrl} target="_blank" rel="noopener" variant="light" className="start">
          Open the lobby in a tab
        </Button>
      )}
      {causes.map(({ key, entry }) => (
        <Text key={key} size="sm">
          <b>
            <CodeText text={entry.cause} />
          </b>{' '}
          <CodeText text={entry.cure} />
        </Text>
      ))}
      {explain !== undefined && isSignatureFault && <Explainer key={headers.join()} request={request} explain={explain} />}
      <CodeBlock label="Body of the answer" text={prettyBody(answer)} />
      <details>
        <summary>Headers</summary>
        <dl className="headers mono">
          {headers.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  )
}

/** The URL in a member login's answer, if a page may link to it. */
function findLobbyUrl({ envelope }: Answer): string | null {
  const url = envelope?.data?.url
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : null
}

function prettyBody({ text, envelope }: Answer): string {
  return envelope === null ? text : JSON.stringify(envelope, null, 2)
}
