/** A newer version has migrated the store, and this version would misread it. */
export class StoreTooNewError extends Error {
  override readonly name = 'StoreTooNewError'

  constructor(unknown: readonly string[]) {
    super(`the store was migrated by a newer Lobbykey (${unknown.join(', ')}): run that version, or a later one`)
  }
}
