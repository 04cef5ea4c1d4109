import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { t } from '../texts/texts.ts'

export interface Field {
  /** The operation's name for it, so that a problem is shown at its field. */
  readonly name: string
  readonly label: string
  readonly says?: string | undefined
  readonly kind?: 'text' | 'password' | 'number' | 'lines' | 'long' | 'check' | 'choice' | 'color'
  readonly choices?: readonly { readonly value: string; readonly label: string }[]
  readonly initial?: string
  readonly isRequired?: boolean
  /** Of a filter: what is wrong with a text that can filter nothing. */
  readonly faultOf?: (text: string) => string | null
}

/** By name; a checked box is 'true'. */
export type Values = Readonly<Record<string, string>>

export interface FieldsProps {
  readonly fields: readonly Field[]
  readonly values: Values
  readonly onChange: (name: string, value: string) => void
  /** The invalid field, and what is wrong with it. */
  readonly fault?: { readonly field: string | null; readonly text: string } | null
}

export function initialValues(fields: readonly Field[]): Values {
  return Object.fromEntries(fields.map(({ name, initial = '' }) => [name, initial]))
}

/** The lines of a field that takes a list. */
export function linesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function Fields({ fields, values, onChange, fault }: FieldsProps) {
  return fields.map((field) => {
    const { name, label, says, kind = 'text', choices = [], isRequired = false } = field
    const error = fault?.field === name ? fault.text : undefined
    const common = {
      label,
      description: says,
      error,
      value: values[name] ?? '',
      required: isRequired,
      onChange: (event: { currentTarget: { value: string } }) => onChange(name, event.currentTarget.value),
    }
    switch (kind) {
      case 'check':
        return (
          <Checkbox
            key={name}
            label={label}
            description={says}
            error={error}
            checked={values[name] === 'true'}
            onChange={(event) => onChange(name, String(event.currentTarget.checked))}
          />
        )
      case 'choice':
        return <NativeSelect key={name} {...common} data={[...choices]} />
      case 'color':
        return <TextInput key={name} {...common} autoComplete="off" spellCheck={false} leftSection={<ColorPick {...common} />} />
      case 'lines':
      case 'long':
        return (
          <Textarea
            key={name}
            {...common}
            rows={kind === 'long' ? 10 : 4}
            autoComplete="off"
            spellCheck={false}
            classNames={{ input: 'mono' }}
          />
        )
      default:
        return (
          <TextInput
            key={name}
            {...common}
            type={kind === 'password' ? 'password' : 'text'}
            inputMode={kind === 'number' ? 'numeric' : undefined}
            autoComplete={kind === 'password' ? 'new-password' : 'off'}
            spellCheck={false}
          />
        )
    }
  })
}

interface ColorPickProps {
  readonly label: string
  readonly value: string
  readonly onChange: (event: { currentTarget: { value: string } }) => void
}

/** The browser's own choice of a colour; a field without one stays empty. */
function ColorPick({ label, value, onChange }: ColorPickProps) {
  const isColor = /^#[0-9a-f]{6}$/i.test(value)
  return (
    <input
      type="color"
      aria-label={t.pick(label)}
      className={isColor ? 'pick' : 'pick empty'}
      value={isColor ? value : '#ffffff'}
      onChange={onChange}
    />
  )
}
