/** Names and values by which operators group things. */
export type Labels = Readonly<Record<string, string>>

export interface Label {
  readonly name: string
  readonly value: string
}
