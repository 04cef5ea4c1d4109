import { operations } from '@lobbykey/contract'
import { Button, NativeSelect, Paper, PasswordInput, Stack, Text, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import { type Explain, type Explanation, ExplanationText } from '../shared/explanation-text.tsx'

/** Explains what is wrong with a pasted request of another program. */
export function ExplainPanel({ explain }: { readonly explain: Explain }) {
  const [body, setBody] = useState('')
  const [call, setCall] = useState('')
  const [text, setText] = useState('')
  const [key, setKey] = useState('')
  const [asked, setAsked] = useState<string | undefined>(undefined)
  const [explanation, setExplanation] = useState<Explanation | null>(null)
  const [isAsking, setIsAsking] = useState(false)

  async function ask() {
    setIsAsking(true)
    // The key stays in the page.
    const sent = text === '' ? undefined : key === '' ? text : text.replaceAll(key, 'KEY')
    setExplanation(await explain({ body, call: call === '' ? undefined : call, text: sent }))
    setAsked(sent)
    setIsAsking(false)
  }

  return (
    <main className="columns">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void ask()
        }}
      >
        <Stack gap="md">
          <div>
            <Title order={2} size="h3">
              Why is my signature invalid?
            </Title>
            <Text c="dimmed" size="sm">
              For a request of your own program that was answered 600100, or 408000 for sign or timestamp. Ask within ten minutes of it,
              while its time can be judged.
            </Text>
          </div>
          <Paper withBorder p="md">
            <Stack gap="sm">
              <Textarea
                label="The refused request"
                description="Its JSON body as it was sent, the URL of a GET call with its query, or the whole curl command. Never the key."
                inputWrapperOrder={['label', 'description', 'input', 'error']}
                rows={12}
                classNames={{ input: 'mono' }}
                autoComplete="off"
                spellCheck={false}
                value={body}
                onChange={(event) => setBody(event.currentTarget.value)}
              />
              <Textarea
                label="What your program hashes"
                description="If you have it, the answer is exact: print the text right before it is hashed, with KEY in the key’s place."
                inputWrapperOrder={['label', 'description', 'input', 'error']}
                rows={4}
                classNames={{ input: 'mono' }}
                autoComplete="off"
                spellCheck={false}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <PasswordInput
                label="The key, if it stands in that text"
                description="It stays in this page, which puts KEY in its place."
                inputWrapperOrder={['label', 'description', 'input', 'error']}
                autoComplete="off"
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
              />
              <NativeSelect label="Which call it is" value={call} data={calls} onChange={(event) => setCall(event.currentTarget.value)} />
              <Button type="submit" className="start" loading={isAsking} disabled={body.trim() === ''}>
                Explain
              </Button>
            </Stack>
          </Paper>
        </Stack>
      </form>
      <Paper withBorder p="md" component="section" aria-label="Explanation" aria-busy={isAsking} aria-live="polite">
        <Stack gap="sm">
          <Title order={3} size="h5">
            Explanation
          </Title>
          {explanation === null ? (
            <Text c="dimmed">Nothing has been asked yet.</Text>
          ) : (
            <ExplanationText explanation={explanation} text={asked} />
          )}
        </Stack>
      </Paper>
    </main>
  )
}

const calls = [
  { value: '', label: 'Told by its fields' },
  ...operations.flatMap(({ signedCall, title }) => (signedCall === null ? [] : [{ value: signedCall.name, label: title }])),
]
