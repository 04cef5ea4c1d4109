import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'
import { useQueryClient } from '@tanstack/react-query'
import type { CallOptions } from 'lobbykey-client/admin'
import { useState } from 'react'
import { admin } from './client.ts'
import { needsConfirmation, useConfirm } from './confirmation.tsx'

type Perform<Name extends AdminOperationName> = (input: AdminInput<Name>, options: CallOptions) => Promise<AdminOutput<Name>>

/**
 * Runs an operation that changes something, then refreshes what is shown.
 * @param perform how, when it takes more than one call
 */
export function useAct<Name extends AdminOperationName>(
  name: Name,
  perform: Perform<Name> = (input, options) => admin.run(name, input, options),
) {
  const confirm = useConfirm()
  const queries = useQueryClient()
  const [isRunning, setIsRunning] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)

  /** Null when it failed or was not confirmed; then nothing was changed. */
  const run = async (input: AdminInput<Name>, options: CallOptions = {}): Promise<AdminOutput<Name> | null> => {
    setIsRunning(true)
    setProblem(null)
    try {
      const output = await runConfirmed(() => perform(input, options), confirm)
      if (output !== null && !options.validateOnly) await queries.invalidateQueries()
      return output
    } catch (error) {
      setProblem(error)
      return null
    } finally {
      setIsRunning(false)
    }
  }
  return { run, isRunning, problem, forgetProblem: () => setProblem(null) }
}

async function runConfirmed<Output>(run: () => Promise<Output>, confirm: () => Promise<boolean>): Promise<Output | null> {
  try {
    return await run()
  } catch (error) {
    if (!needsConfirmation(error)) throw error
    return (await confirm()) ? await run() : null
  }
}
