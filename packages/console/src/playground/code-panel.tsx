import { librarySnippets, snippetLanguages } from '@lobbykey/contract'
import { Checkbox, Group, Paper, Stack, Tabs, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { CodeBlock } from '../shared/code-block.tsx'
import { CopyText } from '../shared/copy-text.tsx'
import type { Draft } from './draft.ts'
import { getOperation } from './draft.ts'
import { libraryCall, snippetRequest } from './prepared-request.ts'

/** The request as a program, in each language: with the client library, where there is one, and beside it without. */
export function CodePanel({ draft }: { readonly draft: Draft }) {
  const [languageId, setLanguageId] = useState(snippetLanguages[0]?.id ?? '')
  const [withSecrets, setWithSecrets] = useState(false)
  const operation = getOperation(draft.operationId)
  const request = snippetRequest(draft, location.origin, withSecrets)
  const bare = snippetLanguages.find(({ id }) => id === languageId)?.write(request) ?? ''
  const library = librarySnippets[languageId]
  const call = libraryCall(draft, location.origin, withSecrets)
  return (
    <Paper withBorder p="md" component="section" aria-label="Code">
      <Stack gap="sm">
        <Title order={3} size="h5">
          As code
        </Title>
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
            <Stack gap="md" pt="sm">
              {library !== undefined && call !== null && (
                <Program
                  title="With the client library"
                  hint={`${library.install}. ${operation.signedCall === null ? 'Keeps tokens' : 'Signs'}, and repeats what is lost.`}
                  source={library.write(call)}
                />
              )}
              <Program
                title="Without a library"
                hint={operation.signedCall === null ? '' : 'Computes the signature itself, from the key.'}
                source={bare}
              />
            </Stack>
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Paper>
  )
}

function Program({ title, hint, source }: { readonly title: string; readonly hint: string; readonly source: string }) {
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <CopyText text={source} label="Copy" />
      </Group>
      {hint !== '' && (
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
      )}
      <CodeBlock label={title} text={source} />
    </Stack>
  )
}
