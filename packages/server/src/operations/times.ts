import { parameterError } from '@lobbykey/contract'

/** ISO 8601 in UTC. */
export function timeValue(ms: number): string
export function timeValue(ms: number | null): string | null
export function timeValue(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** A time of an operation's input. @throws GatewayError invalid_parameter for an impossible date or time */
export function timeOf(name: string, text: string): number
export function timeOf(name: string, text: string | undefined): number | undefined
export function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw parameterError(name, 'is no time that there is')
  return ms
}

/** The period that a list is restricted to. */
export function periodOf({ since, until }: { readonly since?: string | undefined; readonly until?: string | undefined }) {
  return { since: timeOf('since', since), until: timeOf('until', until) }
}
