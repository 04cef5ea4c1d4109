/** A row of cases.json. */
export interface ConformanceCase {
  readonly name: string
  /** What happens, in a sentence. */
  readonly told: string
  readonly client: 'merchant' | 'seller'
  readonly options?: Readonly<Record<string, unknown>>
  /** How far the gateway's clock is ahead. */
  readonly clockMs?: number
  /** Seconds that the first access token lives. */
  readonly expiresIn?: number
  /** In the order of the requests; null and what is missing at the end: as a gateway would. */
  readonly answers: readonly (ScriptedAnswer | null)[]
  /** Where the gateway is, below its address; default: at its root. */
  readonly basePath?: string
  /** Clients that are refused when they are made, and the option that the refusal names. */
  readonly refusals?: readonly { readonly options: Readonly<Record<string, unknown>>; readonly names: string }[]
  readonly calls: readonly { readonly do: string; readonly fields?: Readonly<Record<string, unknown>>; readonly times?: number }[]
  readonly results: readonly ExpectedResult[]
  readonly requests?: readonly string[]
  /** How many different signed requests there are. */
  readonly distinct?: number
  readonly warnings?: number
  /** Part of the first warning. */
  readonly warns?: string
  readonly atLeastMs?: number
  readonly atMostMs?: number
  /** The client keeps its tokens in a file that begins like this. */
  readonly storage?: StorageSetUp
  /** Where the runtime's own `fetch` does otherwise, whatever the client asks. */
  readonly notOn?: readonly ('Deno' | 'Chromium')[]
}

export interface StorageSetUp {
  /** Null: there is no file yet. */
  readonly content:
    | string
    | null
    | { readonly accessToken: string; readonly refreshToken: string; readonly issuedAt: number; readonly expiresAt: number }
  /** The file's mode in octal; default 600. */
  readonly mode?: string
  /** Whether it belongs to another user, and so stays as it is. Only root can give a file away. */
  readonly isOfAnother?: boolean
  /** Whether a process that is gone has left its lock. Times of tokens are relative to now. */
  readonly isLocked?: boolean
}

export type ScriptedAnswer =
  | 'ok'
  | 'cut'
  | 'half'
  | 'advice'
  /** Early hints, and then a proxy's 502. */
  | 'hinted'
  /** After it, every connection that waits for a request ends. */
  | 'closing'
  /** Nothing at all; a byte now and then, of the head or of the body; bytes without end; JSON in JSON. */
  | 'silent'
  | 'dripping head'
  | 'dripping body'
  | 'endless'
  | 'deep'
  /** Numbers too long for what they are read into; interim answers without end; a chunk of negative size. */
  | 'a long number'
  | 'a million digits'
  | 'endless heads'
  | 'negative piece'
  | {
      /** The body as it is. */
      readonly text?: string
      /** Elsewhere on another host, which is this gateway by another name. */
      readonly redirect?: number
      /** After so long. */
      readonly afterMs?: number
      readonly ok?: object
      readonly code?: number | string
      readonly status?: number
      /** Headers: X-Request-Id and X-Token-Advice. */
      readonly requestId?: string
      readonly advice?: string
      readonly retryAfter?: number | string
      /** Seconds from now, told as a date. */
      readonly retryAt?: number
      readonly stale?: number
    }

/** The names of what a success holds, or what an error says: the clients' own, or part of the text of one of the language's. */
export type ExpectedResult =
  | { readonly ok: readonly string[] }
  | { readonly thrown: string }
  | {
      readonly error: {
        readonly code: number | string | null
        readonly key: string
        readonly mayRepeat?: boolean
        /** Part of its text. */
        readonly says?: string
      }
    }

/** What a driver answers, a line of JSON for each case. */
export interface DriverAnswer {
  /** What was said when the client was not made. */
  readonly refused?: string
  readonly results: readonly { readonly ok?: readonly string[]; readonly error?: DriverError; readonly thrown?: string }[]
  readonly warnings: readonly string[]
  readonly debug: string
}

export interface DriverError {
  readonly code: number | string | null
  readonly key: string
  readonly mayRepeat: boolean
  readonly requestId: string | null
  readonly message: string
  /** What a developer's tools show of error and client. */
  readonly dump?: string
}
