/** The HTTP application: one encapsulated plugin per surface, each with its own envelope, error handler and 404. Contains no rule of any surface. */
import { buildOpenApi, catalogue, type OpenApiOptions, sellerBasePaths } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BrandDirectory } from '../core/brands/brand-directory.ts'
import { logAnswer } from './answer-log.ts'
import { type ListenerOptions, openBaseApp, requestMsMax } from './base-app.ts'
import { limitBodies } from './body-deadline.ts'
import { type MemberApiDependencies, memberApi } from './member-api/index.ts'
import { brandLogoRoute } from './pages/brand/brand-logo.ts'
import { type ExplainOptions, explainRoute } from './pages/explain.ts'
import { type HandOverPageOptions, handOverPage } from './pages/hand-over.ts'
import { healthRoutes } from './pages/health.ts'
import { lobbyPage } from './pages/lobby/lobby-page.ts'
import { type Home, sendNotFound, wayHome } from './pages/not-found.ts'
import { html, sendPage, siteHeader } from './pages/page.ts'
import { type PlaygroundOptions, playgroundPages } from './pages/playground.ts'
import { referencePages } from './pages/reference.ts'
import { resetPage } from './pages/reset/reset-page.ts'
import { type SandboxGuide, sandboxPages } from './pages/sandbox-pages.ts'
import { reportError } from './report-error.ts'
import { addSandboxFaults, takeSandboxFault } from './sandbox-faults.ts'
import { type SellerApiDependencies, sellerApi } from './seller-api/index.ts'
import { type VerifyApiDependencies, verifyApi } from './verify-api/index.ts'
import type { UpstreamDependencies } from './verify-api/upstreams.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Write no log line per answer: for calls with a record in the store, and health checks. */
    isQuiet?: boolean
  }
}

export interface AppOptions extends ListenerOptions {
  /** Rejects while this process should not get requests. */
  readonly assertReady: () => Promise<void>
  readonly sellerApi: SellerApiDependencies
  readonly memberApi: MemberApiDependencies
  readonly verifyApi: VerifyApiDependencies
  /** Null when no path is forwarded to another service. */
  readonly upstreams: UpstreamDependencies | null
  /** Null when another server hosts the lobby. */
  readonly lobby: Parameters<typeof lobbyPage>[1] | null
  readonly brands: BrandDirectory
  readonly handOver: HandOverPageOptions
  readonly sandbox: SandboxGuide | null
  /** Null when nobody may ask why a signature was refused. */
  readonly explain: ExplainOptions | null
  /** Null for no public API reference and no playground. */
  readonly reference: (OpenApiOptions & PlaygroundOptions) | null
}

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { upstreams } = options
  const app = openBaseApp(options, {
    requestMsMax: upstreams === null ? requestMsMax : 0,
    ...(options.sandbox === null ? {} : { shortenPath: takeSandboxFault }),
  })
  if (upstreams !== null) limitBodies(app, { wholeMsMax: requestMsMax, idleMsMax: upstreams.timeoutMs })
  if (options.sandbox !== null) addSandboxFaults(app)

  const home = homeOf(options)
  app.setErrorHandler((error, request, reply) => {
    sendPlainError(error, request, reply, home)
    // Unknown paths have no route whose hook could log them.
    if (request.is404) logAnswer(request, reply)
  })
  app.setNotFoundHandler((request, reply) => {
    sendNotFound(reply, home)
    logAnswer(request, reply)
  })
  await app.register(healthRoutes, options)
  await app.register(brandLogoRoute, options)
  await app.register(resetPage, options)
  await app.register(handOverPage, options.handOver)
  if (options.lobby !== null) await app.register(lobbyPage, options.lobby)
  if (options.sandbox !== null) await app.register(sandboxPages, { guide: options.sandbox })
  if (options.explain !== null) await app.register(explainRoute, options.explain)
  const { reference } = options
  if (reference !== null) {
    const document = () => buildOpenApi(reference)
    const startPage = options.sandbox === null ? [] : [['Start page', '/'] as const]
    const links = [...startPage, ['Playground', '/playground'] as const]
    await app.register(referencePages, { path: '/docs', documentPath: '/openapi.json', title: 'Lobbykey reference', document, links })
    await app.register(playgroundPages, reference)
  }
  await app.register(verifyApi, options.verifyApi)
  await app.register(memberApi, { prefix: '/api', ...options.memberApi })
  if (upstreams !== null) {
    // Loaded only when needed: the proxy and its client take 30 MiB.
    const { upstreamProxy } = await import('./verify-api/upstreams.ts')
    await app.register(upstreamProxy, upstreams)
  }
  for (const prefix of sellerBasePaths) await app.register(sellerApi, { prefix, ...options.sellerApi })
  return app
}

function homeOf({ sandbox, reference }: AppOptions): Home {
  if (sandbox !== null) return { path: '/', title: 'Start page' }
  return reference === null ? null : { path: '/docs', title: 'Reference' }
}

function sendPlainError(error: unknown, request: FastifyRequest, reply: FastifyReply, home: Home): void {
  const known = reportError(error, request)
  sendPage(reply, {
    status: catalogue[known.key].http,
    title: 'Error',
    header: siteHeader(home?.path ?? null),
    body: html`<h1>That did not work</h1><p>Request ${request.id}</p>${wayHome(home)}`,
  })
}
