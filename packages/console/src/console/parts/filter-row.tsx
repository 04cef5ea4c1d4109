import { NativeSelect, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Field } from './fields.tsx'
import { useSearchFields } from './use-search-fields.ts'

/** How long after the last key a filter applies. */
const typingMs = 250

/** Filters of a list, kept in the URL. */
export function FilterRow({ fields }: { readonly fields: readonly Field[] }) {
  const [search, change] = useSearchFields()
  return (
    <search className="filters">
      {fields.map(({ name, label, kind, choices = [], faultOf }) =>
        kind === 'choice' ? (
          <NativeSelect
            key={name}
            label={label}
            size="xs"
            data={[...choices]}
            value={search[name] ?? ''}
            onChange={(event) => change({ [name]: event.currentTarget.value })}
          />
        ) : (
          <TextFilter
            key={name}
            label={label}
            value={search[name] ?? ''}
            fault={search[name] ? faultOf?.(search[name]) : null}
            onChange={(value) => change({ [name]: value })}
          />
        ),
      )}
    </search>
  )
}

function TextFilter({
  label,
  value,
  fault,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly fault: string | null | undefined
  readonly onChange: (value: string) => void
}) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what counts is what was typed; the parent's function is new at every render
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text.trim()), typingMs)
    return () => clearTimeout(timer)
  }, [text, value])
  return (
    <TextInput
      label={label}
      size="xs"
      value={text}
      error={fault}
      onChange={(event) => setText(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
    />
  )
}
