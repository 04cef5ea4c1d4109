/** Names and values that operators sort things by. */
export type Labels = Readonly<Record<string, string>>

export interface Label {
  readonly name: string
  readonly value: string
}
