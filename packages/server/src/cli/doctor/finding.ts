import type { Settings } from '../../config/settings.ts'
import type { SqlStore } from '../../store/open-store.ts'
import type { CommandContext } from '../command-context.ts'

/** `bad`: it serves wrongly, or could lose or show something. `warning`: somebody should see to it. */
export type Verdict = 'good' | 'warning' | 'bad'

/** What one check found; unless it is good, its text says what to do. */
export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  readonly text: string
}

/** What checks look at: settings that are whole, and a store that answers. */
export interface Patient {
  readonly context: CommandContext
  readonly settings: Settings
  readonly store: SqlStore
}

export const good = (check: string, text: string): Finding => ({ check, verdict: 'good', text })
export const warning = (check: string, text: string): Finding => ({ check, verdict: 'warning', text })
export const bad = (check: string, text: string): Finding => ({ check, verdict: 'bad', text })
