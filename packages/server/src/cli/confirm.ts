import { createInterface } from 'node:readline/promises'
import { GatewayError } from '@lobbykey/contract'
import { type CommandContext, shownText } from './command-context.ts'

/**
 * Asks for confirmation on a terminal; programs must pass `--yes`.
 * @throws GatewayError invalid_parameter if not confirmed
 */
export async function confirm(context: CommandContext, { yes }: { readonly yes?: true }, consequence: string): Promise<void> {
  if (yes) return
  if (!context.input.isTTY) throw new GatewayError('invalid_parameter', { message: `${consequence} Add --yes to confirm.` })
  const lines = createInterface({ input: context.input, output: context.errorOutput })
  try {
    const answer = await lines.question(shownText(`${consequence} Continue? [y/N] `))
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new GatewayError('invalid_parameter', { message: 'nothing was changed' })
  } finally {
    lines.close()
  }
}
