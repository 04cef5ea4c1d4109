import type { Settings } from '../../config/settings.ts'
import type { SqlStore } from '../../store/open-store.ts'
import type { CommandContext } from '../command-context.ts'

/** `bad`: it fails, or could lose or reveal data. `warning`: needs attention. */
export type Verdict = 'good' | 'warning' | 'bad'

/** Result of a check; unless good, the text says what to do. */
export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  readonly text: string
}

/** What checks examine: complete settings and a reachable store. */
export interface CheckedServer {
  readonly context: CommandContext
  readonly settings: Settings
  readonly store: SqlStore
}

export const good = (check: string, text: string): Finding => ({ check, verdict: 'good', text })
export const warning = (check: string, text: string): Finding => ({ check, verdict: 'warning', text })
export const bad = (check: string, text: string): Finding => ({ check, verdict: 'bad', text })
