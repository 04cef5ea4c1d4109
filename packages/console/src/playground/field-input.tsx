import type { SignedCall, SigningProfile } from '@lobbykey/contract'
import { Button, NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core'
import { exampleText, isPassword, randomToken } from './draft.ts'
import { type FieldSchema, fieldChoices, fieldKind } from './field-values.ts'
import { hueOf } from './part-colour.ts'

export interface FieldInputProps {
  readonly name: string
  readonly schema: FieldSchema
  readonly text: string
  readonly isRequired: boolean
  /** Completes "NAME …"; null for a valid text. */
  readonly problem: string | null
  /** What is sent while the field is empty; null for nothing. */
  readonly made: string | null
  readonly call: SignedCall | null
  readonly callback: SigningProfile['callback']
  readonly onChange: (text: string) => void
}

export function FieldInput(props: FieldInputProps) {
  const { name, schema, text, problem, made, onChange } = props
  const { description, rule } = schema as { readonly description?: string; readonly rule?: string }
  const shared = {
    label: <FieldLabel {...props} />,
    description: made !== null && text === '' ? `${description}. Made when the request is sent.` : `${description}. ${capitalized(rule)}`,
    error: problem,
    inputWrapperOrder: ['label', 'input', 'error', 'description'] as ('label' | 'input' | 'error' | 'description')[],
    value: text,
    autoComplete: 'off',
    spellCheck: false,
    placeholder: made ?? exampleText(schema),
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  }
  switch (fieldKind(schema)) {
    case 'choice':
      return <NativeSelect {...shared} data={['', ...fieldChoices(schema)]} />
    case 'map':
      return <Textarea {...shared} rows={3} classNames={{ input: 'mono' }} />
    case 'text':
      if (isPassword(name)) return <PasswordInput {...shared} visibilityToggleButtonProps={{ 'aria-label': `Show ${name}` }} />
      return <TextInput {...shared} rightSectionWidth={64} rightSection={<FieldHelp {...props} />} />
  }
}

function capitalized(text = ''): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The field's name, in its colour in the canonical string. */
function FieldLabel({ name, isRequired, call, callback }: FieldInputProps) {
  const hue = hueOf(call, callback, name)
  return (
    <>
      <span className={hue === null ? 'mono' : 'mono part'} style={hue === null ? undefined : { '--hue': hue }}>
        {name}
      </span>
      {isRequired ? '' : ' (optional)'}
    </>
  )
}

function FieldHelp({ name, text, made, onChange }: FieldInputProps) {
  const action = helpAction(name, text, made)
  if (action === null) return null
  return (
    <Button variant="subtle" size="compact-xs" aria-label={`${action.label}: ${name}`} onClick={() => onChange(action.value())}>
      {action.label}
    </Button>
  )
}

function helpAction(name: string, text: string, made: string | null): { label: string; value: () => string } | null {
  if (name === 'token') return { label: 'New', value: randomToken }
  if (made === null) return null
  return text === '' ? { label: 'Hold', value: () => made } : { label: 'Auto', value: () => '' }
}
