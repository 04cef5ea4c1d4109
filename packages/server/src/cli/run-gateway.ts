import { setTimeout as wait } from 'node:timers/promises'
import pino, { type Logger } from 'pino'
import { ConfigError } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../core/base/clock.ts'
import { sharedAs } from '../core/base/clock.ts'
import { spans } from '../core/base/spans.ts'
import type { LimitKeeper } from '../core/limits/shared-limiter.ts'
import type { SandboxLink } from '../core/operators/sandbox-link.ts'
import { type Gateway, type GatewayOptions, openGateway } from '../gateway.ts'
import type { Store } from '../store/store.ts'
import { collectGarbage } from './collect-garbage.ts'
import { type CommandContext, sharedClockOf } from './command-context.ts'
import { LogSink } from './log-sink.ts'
import { lowerPoolPriority } from './pool-threads.ts'

/** How long closing may take, in ms: under ten seconds with the default grace and everything else. */
export const closeMsMax = 5_500

export interface RunOptions {
  readonly settings: Settings
  readonly mode: 'sandbox' | 'serve'
  readonly store: Store
  readonly logger: Logger
  readonly limitKeeper?: LimitKeeper
  readonly nodeMetrics?: NonNullable<GatewayOptions['nodeMetrics']>
  readonly sharePort?: boolean
  /** Called when it listens. */
  readonly onReady: (gateway: Gateway) => void | Promise<void>
  readonly sandboxLink?: SandboxLink
}

/** Serves until the process is asked to end, then finishes pending requests. @throws ConfigError if it cannot listen */
export async function runGateway(context: CommandContext, options: RunOptions): Promise<void> {
  const { settings, logger, onReady, sharePort = false } = options
  const stopped = context.untilSignal()
  const { clock } = context
  const sharedClock = options.mode === 'sandbox' ? sharedAs(clock) : sharedClockOf(context, options.store)
  const gateway = await openGateway({ ...options, clock, sharedClock })
  lowerPoolPriority()
  collectGarbage()
  try {
    await gateway.listen({ sharePort }).catch((error: unknown) => {
      throw listenProblem(error, settings)
    })
    await onReady(gateway)
    await stopped
    logger.info('stopping')
    gateway.drain()
    await wait(settings.shutdownGraceSeconds * 1_000)
  } finally {
    await gateway.close(closeMsMax)
  }
}

/** One JSON object per line: ISO time, level by name, request ID if any, and with it the IDs of its OpenTelemetry span if there is one. */
export function openLogger(settings: Settings, stream: CommandContext['output'], clock: Clock): Logger {
  const formatters = { level: (label: string) => ({ level: label }) }
  const droppedLine = (count: number) => {
    const line = { level: 'warn', time: new Date(clock.now()).toISOString(), pid: process.pid, count }
    return `${JSON.stringify({ ...line, msg: 'log lines were dropped: they could not be written' })}\n`
  }
  const mixin = (line: object) => ({ ...spans?.idsOf((line as { requestId?: unknown }).requestId) })
  const options = { level: settings.logLevel, formatters, timestamp: pino.stdTimeFunctions.isoTime }
  return pino({ ...options, ...(settings.otlpEndpoint === null ? {} : { mixin }) }, new LogSink(stream, droppedLine))
}

/** Explains to the operator why the server cannot listen. */
export function listenProblem(error: unknown, settings: Pick<Settings, 'host' | 'port' | 'adminHost' | 'adminPort'>): unknown {
  const isAdmin = (error as { port?: unknown }).port === settings.adminPort && settings.adminPort !== settings.port
  const [prefix, host, port] = isAdmin ? ['ADMIN_', settings.adminHost, settings.adminPort] : ['', settings.host, settings.port]
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new ConfigError([`${prefix}PORT: ${port} is taken on ${host}; stop what listens there, or set another ${prefix}PORT`])
    case 'EACCES':
      return new ConfigError([`${prefix}PORT: this user may not listen on ${port}; set one above 1023`])
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError([`${prefix}HOST: ${host} is not an address of this machine`])
    default:
      return error
  }
}
