/** The lobby's texts. One file per language beside this one; `translation.ts` chooses. */
export interface LobbyTexts {
  readonly welcome: (name: string) => string
  readonly entering: string
  readonly enter: string
  readonly entered: string
  readonly guest: string
  readonly betLocked: string
  readonly game: string
  /** A table without a name. */
  readonly table: (id: string) => string
  readonly randomTable: string
  readonly lobby: string
  readonly timeLeft: string
  readonly until: string
  readonly currency: string
  readonly balance: string
  readonly limits: string
  readonly noLimits: string
  readonly back: string
  /** Link to support: the merchant's own site or mailbox. */
  readonly support: string
  readonly ends: Readonly<Record<EndKind, Note>>
  /** A page that held its session, since no cookie was kept, and was loaded again. */
  readonly left: Note
  readonly busy: Note
  readonly tooMany: Note
}

export interface Note {
  readonly title: string
  readonly text: string
}

/** Why there is no session to show: how it ended, or that this browser has none, or another one. */
export type EndKind = 'logout' | 'lock' | 'kick' | 'replaced' | 'erased' | 'expired' | 'unknown' | 'elsewhere'

export const endKinds: readonly EndKind[] = ['logout', 'lock', 'kick', 'replaced', 'erased', 'expired', 'unknown', 'elsewhere']
