import { Button } from '@mantine/core'
import { useRef } from 'react'

export interface FileButtonProps {
  readonly label: string
  readonly accept: string
  readonly onText: (text: string, name: string) => void
}

/** Reads a file as text, within the browser. */
export function FileButton({ label, accept, onText }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <div>
      <Button variant="default" size="xs" onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        accept={accept}
        aria-label={label}
        hidden
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          if (file !== undefined) void file.text().then((text) => onText(text, file.name))
        }}
      />
    </div>
  )
}
