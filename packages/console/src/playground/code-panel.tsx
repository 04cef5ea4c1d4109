import { snippetLanguages } from '@lobbykey/contract'
import { Checkbox, Group, Paper, Stack, Tabs, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { CodeBlock } from '../shared/code-block.tsx'
import { CopyText } from '../shared/copy-text.tsx'
import type { Draft } from './draft.ts'
import { getOperation } from './draft.ts'
import { snippetRequest } from './prepared-request.ts'

/** The request as a program, in each language. */
export function CodePanel({ draft }: { readonly draft: Draft }) {
  const [languageId, setLanguageId] = useState(snippetLanguages[0]?.id ?? '')
  const [withSecrets, setWithSecrets] = useState(false)
  const operation = getOperation(draft.operationId)
  const request = snippetRequest(draft, location.origin, withSecrets)
  const source = snippetLanguages.find(({ id }) => id === languageId)?.write(request) ?? ''
  return (
    <Paper withBorder p="md" component="section" aria-label="Code">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={3} size="h5">
            As code
          </Title>
          <CopyText text={source} label="Copy" />
        </Group>
        {operation.signedCall !== null && (
          <Text size="sm" c="dimmed">
            Computes the signature itself, from the key.
          </Text>
        )}
        <Checkbox
          size="sm"
          label={operation.signedCall === null ? 'With my password and tokens' : 'With my key'}
          checked={withSecrets}
          onChange={(event) => setWithSecrets(event.currentTarget.checked)}
        />
        <Tabs value={languageId} onChange={(id) => setLanguageId(id ?? languageId)}>
          <Tabs.List>
            {snippetLanguages.map(({ id, title }) => (
              <Tabs.Tab key={id} value={id}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value={languageId}>
            <CodeBlock label="Program" text={source} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Paper>
  )
}
