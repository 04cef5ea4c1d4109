import { createInterface } from 'node:readline/promises'
import { GatewayError } from '@lobbykey/contract'
import { type CommandContext, shownText } from './command-context.ts'

/**
 * Asks a person before something that cannot be undone; a program has to say `--yes`.
 * @throws GatewayError invalid_parameter without either
 */
export async function confirm(context: CommandContext, { yes }: { readonly yes?: true }, consequence: string): Promise<void> {
  if (yes) return
  if (!context.input.isTTY) throw new GatewayError('invalid_parameter', { message: `${consequence} Say --yes if you mean it.` })
  const lines = createInterface({ input: context.input, output: context.errorOutput })
  try {
    const answer = await lines.question(shownText(`${consequence} Go on? [y/N] `))
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new GatewayError('invalid_parameter', { message: 'nothing was changed' })
  } finally {
    lines.close()
  }
}
