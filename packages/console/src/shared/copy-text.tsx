import { Button, CopyButton } from '@mantine/core'

export interface CopyTextProps {
  readonly text: string
  readonly label: string
  /** The label once it is copied. */
  readonly done?: string
}

export function CopyText({ text, label, done = 'Copied' }: CopyTextProps) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="subtle" size="compact-xs" onClick={copy}>
          {copied ? done : label}
        </Button>
      )}
    </CopyButton>
  )
}
