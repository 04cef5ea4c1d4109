import type { FastifyInstance } from 'fastify'
import { servePage } from './built-page.ts'

/** Secrets that the page fills in for newcomers: those of the sandbox's sample partners, which are public. */
export interface PlaygroundSamples {
  readonly merchantKey: string
  readonly seller: { readonly email: string; readonly password: string }
}

export interface PlaygroundOptions {
  /** Null outside the sandbox. */
  readonly samples: PlaygroundSamples | null
  /** Whether the page may ask why a signature was refused. */
  readonly canExplain: boolean
  /** The built page's folder, with a trailing slash; default: where `npm ci` builds it. */
  readonly builtFolder?: URL
}

/** `/playground`: the page that builds, signs and sends requests of both APIs. Keys typed there never reach this server. */
export async function playgroundPages(app: FastifyInstance, { samples, canExplain, builtFolder }: PlaygroundOptions): Promise<void> {
  servePage(app, { name: 'playground', title: 'Playground', settings: { samples, canExplain }, folder: builtFolder })
}
