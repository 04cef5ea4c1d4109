import type { Clock } from '../core/base/clock.ts'
import { isLoopbackHost } from '../core/base/loopback-host.ts'
import type { SandboxGuide } from '../http/pages/sandbox-pages.ts'
import { faultsHint, fixtureFacts, fixturesHint, fixturesTitle } from './fixtures.ts'
import { sampleCommands } from './sample-commands.ts'
import { sampleMember, sampleMerchant, sampleMerchantSettings, sampleSeller } from './sample-partners.ts'

const refreshCommand = './node_modules/.bin/lobbykey sandbox --print-curl'

/** What a newcomer needs to know, for the terminal and the start page. @param adminUrl of the admin port once it listens; null without one */
export function sandboxGuide(origin: string, clock: Clock, adminUrl: () => string | null = () => null): SandboxGuide {
  return {
    pages: [
      ['Playground', `${origin}/playground`],
      ['Reference', `${origin}/docs`],
      ['Invalid signature?', `${origin}/playground#explain`],
    ],
    origin,
    consoleUrl: () => {
      const url = adminUrl()
      return url !== null && isLocal(url) && isLocal(origin) ? `${url}/console` : null
    },
    addresses: [
      ['Member API', '/api/member/login'],
      ['Seller API', '/merchant-api/seller/auth/login'],
      ['Lobby', '/lobby'],
      ['Health', '/livez'],
      ['Readiness', '/readyz'],
    ],
    samples: [
      ['Merchant', sampleMerchant.agentId],
      ['Its key', sampleMerchant.key],
      ['Its currencies', sampleMerchantSettings(origin).currencies.join(', ')],
      ['Member', sampleMember.userId],
      ['Seller', sampleSeller.email],
      ['Password', sampleSeller.password],
    ],
    commands: () => sampleCommands(origin, clock.now()),
    refreshCommand,
    fixturesTitle,
    fixturesHint,
    fixtures: fixtureFacts(),
    faultsHint,
  }
}

function isLocal(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname)
}

/** The guide as shown in the terminal. */
export function sandboxBanner(guide: SandboxGuide, origin: string, consoleUrl: string | null): string {
  const commands = guide.commands().map(({ title, command }) => `${title}:\n\n${command}\n`)
  return [
    `Lobbykey sandbox is ready at ${origin}`,
    '',
    ...columns([...guide.pages, ...guide.addresses.map(([name, path]) => [name, origin + path] as const), ...guide.samples]),
    ...(consoleUrl === null
      ? []
      : ['', 'The console, once and from this machine only (a new link at every start):', '', `  ${consoleUrl}`]),
    '',
    `${guide.fixturesTitle} (${guide.fixturesHint.slice(0, -1)}):`,
    '',
    ...columns(guide.fixtures),
    '',
    guide.faultsHint,
    '',
    ...commands,
    `The signed command works within ten minutes. A fresh one: ${refreshCommand}`,
    'Stop with Ctrl+C. Sample partners are for trying out only; production is `lobbykey serve`.',
    '',
  ].join('\n')
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}
