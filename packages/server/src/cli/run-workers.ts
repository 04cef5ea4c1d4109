/**
 * `serve` with several workers: starts, supervises and ends them; each runs `run-gateway`. Workers share only the store, as nodes do, so
 * scheduled work is safe in all of them.
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ConfigError, readSettings } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../core/base/clock.ts'
import { keepLimits, PrimaryKeeper } from '../limit-keepers/primary-keeper.ts'
import { collectFromWorkers, workerMetrics } from '../metrics/node-metrics.ts'
import type { SqlStore } from '../store/open-store.ts'
import type { CommandContext } from './command-context.ts'
import { closeMsMax, listenProblem, openLogger, runGateway } from './run-gateway.ts'
import { usingStore } from './with-store.ts'

/** A worker's number, for its log lines; its replacement inherits it. */
const numberVariable = 'LOBBYKEY_WORKER'

/**
 * Each worker listens on the port itself and the kernel distributes connections (SO_REUSEPORT). Node's own way, where the primary hands
 * them over, leaves connections to a killed worker open forever; it is for systems without SO_REUSEPORT.
 */
const canSharePort = process.platform === 'linux'
const readyMessage = 'ready'
/** A worker's heartbeat. */
const aliveMessage = 'alive'
const aliveEveryMs = 1_000
/**
 * A worker silent for this many beats of the primary is stuck (an endless loop, SIGSTOP) and is replaced. Counting beats, not time,
 * allows for a machine that slept or a primary without CPU time.
 */
const silentBeatsMax = 4

/** A worker that served for less than this has failed; after `failuresMax` in a row the server gives up. */
const steadyMs = 10_000
const failuresMax = 5
const backoffMsMin = 100
const backoffMsMax = 5_000
/** How long a worker may take to end, beyond grace and closing, in ms. */
const endSlackMs = 1_000

/** A worker's exit: signal or exit code. */
interface End {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * The primary: keeps the workers alive until the process is asked to end, then lets them finish pending requests.
 * @throws ConfigError if a worker finds its settings wrong; Error if workers keep dying
 */
export async function runWorkers(context: CommandContext, settings: Settings, logger: Logger): Promise<void> {
  const stopping = new AbortController()
  context.untilSignal().then(() => {
    logger.info('stopping')
    stopping.abort()
  })
  await verifyPortIsFree(settings)
  if (settings.adminPort !== 0) await verifyPortIsFree(settings, settings.adminHost, settings.adminPort)
  keepLimits(context.clock)
  collectFromWorkers()
  const ready = Array.from({ length: settings.workers }, () => Promise.withResolvers<void>())
  const places: Promise<void>[] = []
  const endMsMax = settings.shutdownGraceSeconds * 1_000 + closeMsMax + endSlackMs
  const keep = (index: number) => {
    const onReady = () => ready[index]?.resolve()
    places.push(keepWorker({ number: index + 1, clock: context.clock, logger, stopping: stopping.signal, endMsMax, onReady }))
  }
  Promise.all(ready.map(({ promise }) => promise)).then(() => {
    const { host, port, publicUrl, workers } = settings
    logger.info({ host, port, publicUrl, workers }, 'serving')
  })
  try {
    // The first one alone: it reports common problems once, and initialises a new store.
    keep(0)
    await Promise.race([...places, ready[0]?.promise])
    for (let index = 1; index < settings.workers; index++) keep(index)
    await Promise.all(places)
  } finally {
    stopping.abort()
    await Promise.allSettled(places)
  }
}

/** One of the workers. */
export async function runWorker(context: CommandContext): Promise<void> {
  const settings = shareOf(readSettings(context.env, 'serve'))
  const logger = openLogger(settings, context.output, context.clock).child({ worker: Number(context.env[numberVariable]) })
  const onReady = () => {
    logger.info('worker ready')
    process.send?.(readyMessage)
    setInterval(() => process.send?.(aliveMessage), aliveEveryMs).unref()
  }
  const limitKeeper = new PrimaryKeeper()
  try {
    const serve = (store: SqlStore) =>
      runGateway(context, {
        settings,
        mode: 'serve',
        store,
        logger,
        limitKeeper,
        nodeMetrics: workerMetrics,
        sharePort: canSharePort,
        onReady,
      })
    // The primary has checked the store.
    await usingStore(settings, serve, 'none')
  } finally {
    // The channel to the primary would keep the process alive.
    cluster.worker?.disconnect()
  }
}

/** With SO_REUSEPORT, workers would silently share the port with another process of this user. @throws ConfigError */
async function verifyPortIsFree(settings: Settings, host = settings.host, port = settings.port): Promise<void> {
  const server = createServer().listen(port, host)
  await once(server, 'listening').catch((error: unknown) => {
    throw listenProblem(error, settings)
  })
  server.close()
  await once(server, 'close')
}

/** A worker's share of the node's limits. */
function shareOf(settings: Settings): Settings {
  const { workers, passwordLaneWidth, passwordQueueMax } = settings
  return {
    ...settings,
    // Rounded down, so that together they compute no more hashes than allowed, but at least one each.
    passwordLaneWidth: Math.max(1, Math.floor(passwordLaneWidth / workers)),
    passwordQueueMax: Math.ceil(passwordQueueMax / workers),
  }
}

interface Place {
  readonly number: number
  readonly clock: Clock
  readonly logger: Logger
  readonly stopping: AbortSignal
  /** How long it may take to end when asked to, in ms. */
  readonly endMsMax: number
  readonly onReady: () => void
}

/** Keeps one place filled until `stopping`. */
async function keepWorker({ number, clock, logger, stopping, endMsMax, onReady }: Place): Promise<void> {
  let hasServed = false
  for (let failures = 0; !stopping.aborted; ) {
    let servesSince = Number.POSITIVE_INFINITY
    const worker = cluster.fork({ [numberVariable]: String(number) })
    worker.on('message', (message: unknown) => {
      if (message !== readyMessage) return
      hasServed = true
      servesSince = clock.now()
      watch(worker, () => logger.error({ worker: number }, 'a worker does not answer and is killed'))
      onReady()
    })
    const { code, signal } = await untilEnd(worker, stopping, endMsMax)
    if (stopping.aborted) return
    if (code === 2 && !hasServed) throw new ConfigError([`worker ${number} cannot start: the lines above say why`])
    failures = clock.now() - servesSince < steadyMs ? failures + 1 : 1
    const reason = signal ?? `exit code ${code}`
    // Code 5: the store is unavailable, for all workers.
    if (failures >= failuresMax && code !== 5) {
      throw new Error(`worker ${number} ended ${failures} times in a row without having served for ten seconds, the last time by ${reason}`)
    }
    const pauseMs = Math.min(backoffMsMax, backoffMsMin * 2 ** (failures - 1))
    logger.warn({ worker: number, reason, pauseMs }, 'a worker ended and will be replaced')
    await wait(pauseMs, undefined, { signal: stopping }).catch(() => {})
  }
}

/** Kills a stuck worker; SIGTERM would not end it. */
function watch(worker: Worker, onStuck: () => void): void {
  let silentBeats = 0
  worker.on('message', () => {
    silentBeats = 0
  })
  const beat = setInterval(() => {
    if (++silentBeats < silentBeatsMax) return
    clearInterval(beat)
    onStuck()
    worker.process.kill('SIGKILL')
  }, aliveEveryMs)
  worker.once('exit', () => clearInterval(beat))
}

/** Ends the worker on `stopping`, and kills it after `endMsMax`. */
function untilEnd(worker: Worker, stopping: AbortSignal, endMsMax: number): Promise<End> {
  return new Promise((resolve) => {
    let cut: NodeJS.Timeout | undefined
    const stop = () => {
      worker.process.kill('SIGTERM')
      cut = setTimeout(() => worker.process.kill('SIGKILL'), endMsMax)
    }
    const over = (end: End) => {
      clearTimeout(cut)
      stopping.removeEventListener('abort', stop)
      resolve(end)
    }
    worker.once('exit', (code, signal) => over({ code, signal }))
    // A worker that could not be started emits no exit.
    worker.on('error', () => {
      if (worker.process.pid === undefined) over({ code: 1, signal: null })
    })
    if (stopping.aborted) stop()
    else stopping.addEventListener('abort', stop, { once: true })
  })
}
