import { parameterError } from '@lobbykey/contract'
import { decodeText, importedFileBytesMax } from '@lobbykey/contract/admin'
import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import { ProblemText } from './problem-text.tsx'

export interface FileButtonProps {
  readonly label: string
  readonly accept: string
  readonly onFile: (file: File) => void
}

/** Lets a file be chosen, for use within the browser. */
export function FileButton({ label, accept, onFile }: FileButtonProps) {
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
          if (file !== undefined) onFile(file)
          // So that the same file can be chosen again.
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}

export interface TextFileButtonProps {
  readonly label: string
  readonly onText: (text: string, fileName: string) => void
}

/** Reads the text of a chosen file, as the command line reads it, and says why it cannot. */
export function TextFileButton({ label, onText }: TextFileButtonProps) {
  const [problem, setProblem] = useState<unknown>(null)
  const read = async (file: File) => {
    setProblem(null)
    try {
      if (file.size > importedFileBytesMax)
        throw parameterError(file.name, `is larger than ${importedFileBytesMax / 1024 / 1024} MiB: use the command line`)
      onText(decodeText(new Uint8Array(await file.arrayBuffer())), file.name)
    } catch (error) {
      setProblem(error)
    }
  }
  return (
    <>
      {/* Not filtered by name: what a file is its text says, and what it is not it says too. */}
      <FileButton label={label} accept="" onFile={(file) => void read(file)} />
      {problem !== null && <ProblemText problem={problem} />}
    </>
  )
}
