import type { Command } from 'commander'

export interface HandOverOption {
  handOver?: true
}

export function addHandOverOption(verb: Command): Command {
  return verb.option('--hand-over', 'print a link that shows it once, within 24 hours, instead of the secret itself')
}

/** The field of the operation. */
export function handOverField({ handOver }: HandOverOption): { handOver?: true } {
  return handOver === undefined ? {} : { handOver }
}

export interface HandedOver {
  readonly handOver?: { readonly url: string; readonly expiresAt: string }
}

/** Lines for a secret, or for the link to it. @param name its heading: Key */
export function secretLines(name: string, secret: string | undefined, { handOver }: HandedOver): string[] {
  if (handOver !== undefined) return [`${name}, for whoever opens this link first, until ${handOver.expiresAt}: ${handOver.url}`]
  return secret === undefined ? [] : [`${name} (shown only now): ${secret}`]
}
