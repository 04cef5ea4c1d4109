/**
 * The parts of better-auth that the benchmark uses, so that `npm run check` covers bench/ without an install there: the package has types of its own,
 * but they need fifty more packages.
 */
declare module 'better-auth' {
  interface BetterAuthOptions {
    readonly baseURL: string
    readonly secret: string
    readonly database: import('pg').Pool
    readonly emailAndPassword: { readonly enabled: boolean }
    readonly rateLimit: RateRule & { readonly enabled: boolean; readonly customRules: Readonly<Record<string, RateRule>> }
    readonly advanced: { readonly ipAddress: { readonly ipAddressHeaders: readonly string[] } }
  }
  interface RateRule {
    readonly window: number
    readonly max: number
  }
  interface Auth {
    readonly options: BetterAuthOptions
  }
  export function betterAuth(options: BetterAuthOptions): Auth
}

declare module 'better-auth/db/migration' {
  export function getMigrations(options: import('better-auth').BetterAuthOptions): Promise<{ runMigrations(): Promise<void> }>
}

declare module 'better-auth/node' {
  type Handler = (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>
  export function toNodeHandler(auth: import('better-auth').Auth): Handler
}
