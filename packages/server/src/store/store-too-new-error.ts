/** The store has been migrated by a newer version of this program, and holds things that this one would get wrong. */
export class StoreTooNewError extends Error {
  override readonly name = 'StoreTooNewError'

  constructor(unknown: readonly string[]) {
    super(`the store was migrated by a newer Lobbykey (${unknown.join(', ')}): run that version, or a later one`)
  }
}
