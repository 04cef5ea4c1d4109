/** What a step of a call decided on, in English, by the name of the fact; the console has the words of its other languages. */
export const stepFacts = {
  /** As it stands: an ID, a currency. */
  text: (text: string) => text,
  bytes: (count: number) => (count === 1 ? '1 byte' : `${count} bytes`),
  'path-bytes': (count: number) => `${stepFacts.bytes(count)} of path and query`,
  address: (address: string | null, entries: number) =>
    `${address ?? 'no address'}, against ${entries === 1 ? '1 entry' : `${entries} entries`}`,
  rate: (perSecond: number) => (perSecond === 0 ? 'no limit' : `limit ${perSecond} a second, ${2 * perSecond} at once`),
  clock: (aheadMs: number) => `clock difference ${aheadMs} ms`,
  signature: (algorithm: string, keys: number, canonical: string) =>
    `${algorithm}, ${keys === 1 ? '1 key' : `${keys} keys`} tried, ${canonical}`,
  until: (time: string) => `good until ${time}`,
  /** The message that the caller got. */
  told: (message: string) => message,
  /** The error's key, where the caller was told no more. */
  error: (key: string) => key,
  again: (afterMs: number) => `again in ${afterMs} ms`,
  /** Why, where the caller is not told. */
  reason: (reason: string) => reason,
}

type StepFacts = typeof stepFacts

/** A fact as data: its name, then what it says. */
export type StepFact = { [Name in keyof StepFacts]: readonly [name: Name, ...values: Parameters<StepFacts[Name]>] }[keyof StepFacts]

/** The facts of a step in English. */
export function factText(facts: readonly (readonly unknown[])[]): string {
  return facts.map((fact) => factWords(fact, stepFacts).join(', ')).join('; ')
}

/** A fact in a language's words; one that this release does not know, as its values. */
export function factWords([name, ...values]: readonly unknown[], words: StepFacts): readonly string[] {
  if (!Object.hasOwn(words, String(name))) return values.map(String)
  return [(words[name as keyof StepFacts] as (...all: unknown[]) => string)(...values)]
}
