import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { type Draft, exampleText, isMade, lacksKey } from './draft.ts'
import { FieldInput } from './field-input.tsx'
import { fieldProblem } from './field-values.ts'
import type { PreparedRequest } from './prepared-request.ts'
import { SigningInputs } from './signing-inputs.tsx'

export interface RequestFormProps {
  readonly draft: Draft
  readonly prepared: PreparedRequest
  readonly isSending: boolean
  readonly onChange: (values: Readonly<Record<string, string>>) => void
  readonly onDraft: (draft: Draft) => void
  readonly onSend: () => void
}

/** The fields of a call. Invalid values are marked but can be sent, because the server's answer is instructive, too. */
export function RequestForm({ draft, prepared, isSending, onChange, onDraft, onSend }: RequestFormProps) {
  const { operation, signature } = prepared
  const { schema, signedCall } = operation
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const text = draft.values[name] ?? ''
    const isRequired = schema.required?.includes(name) ?? false
    return { name, schema: field, text, isRequired, problem: fieldProblem(name, field, text, isRequired && !isMade(name)) }
  })
  const problems = fields.filter(({ problem }) => problem !== null)
  const empty = fields.filter(({ name, schema: field, text }) => text === '' && !isMade(name) && exampleText(field) !== '')
  const made: Readonly<Record<string, unknown>> = { timestamp: prepared.fields.timestamp, sign: signature?.sign }
  const wrong = problems.map(({ name }) => name).join(', ')
  const faults = [
    ...(lacksKey(draft, signedCall) ? ['The merchant key is empty, so the signature is wrong.'] : []),
    ...(wrong === '' ? [] : [`${wrong}: not within the rule.`]),
  ]
  const verdict = faults.length === 0 ? 'Every field is within its rule.' : [...faults, 'You can send it to see the answer.'].join(' ')
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        onSend()
      }}
    >
      <Stack gap="md">
        {signedCall !== null && <SigningInputs draft={draft} call={signedCall} onDraft={onDraft} />}
        <Paper withBorder p="md" component="section" aria-label="Fields">
          <Stack gap="sm">
            {operation.isBearer && (
              <TextInput
                label="Access token"
                description="Sent as Authorization: Bearer. A login or refresh fills it in."
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                value={draft.values.accessToken ?? ''}
                onChange={(event) => onChange({ accessToken: event.currentTarget.value })}
                autoComplete="off"
                spellCheck={false}
              />
            )}
            {fields.length === 0 && <Text c="dimmed">This call takes no fields.</Text>}
            {fields.map(({ name, schema: field, text, isRequired, problem }) => (
              <FieldInput
                key={name}
                name={name}
                schema={field}
                text={text}
                isRequired={isRequired}
                problem={problem}
                made={isMade(name) && signedCall !== null ? String(made[name]) : null}
                call={signedCall}
                callback={draft.profile.callback}
                onChange={(next) => onChange({ [name]: next })}
              />
            ))}
            {empty.length > 0 && (
              <Button
                variant="subtle"
                size="compact-sm"
                className="start"
                onClick={() => onChange(Object.fromEntries(empty.map(({ name, schema: field }) => [name, exampleText(field)])))}
              >
                Fill the empty fields with examples
              </Button>
            )}
          </Stack>
          <Group gap="sm" wrap="nowrap" className="send-row">
            <Button type="submit" loading={isSending}>
              Send
            </Button>
            <Text size="sm" c="dimmed" role="status">
              {fields.length > 0 && verdict}
            </Text>
          </Group>
        </Paper>
      </Stack>
    </form>
  )
}
