import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { isLoopbackHost } from '../../core/base/loopback-host.ts'
import { within } from '../../core/base/within.ts'
import { RedisKeeper } from '../../limit-keepers/redis-keeper.ts'
import type { MerchantSettings } from '../../store/store.ts'
import { sendSpans } from '../../telemetry/send-spans.ts'
import { findSsoTrouble } from '../sso-trouble.ts'
import { bad, type CheckedServer, type Finding, good, warning } from './finding.ts'

const answerMsMax = 5_000
/** As long as `serve` waits for it. */
const redisMsMax = 1_000
const certificateDaysMin = 14
const dayMs = 86_400_000

/** Requests it as partners do, through the proxy. */
export async function checkPublicUrl({ settings }: CheckedServer): Promise<Finding[]> {
  const { publicUrl } = settings
  try {
    const answer = await fetch(`${publicUrl}/livez`, { redirect: 'manual', signal: AbortSignal.timeout(answerMsMax) })
    if (answer.status === 200 && (await answer.text()) === JSON.stringify({ status: 'ok' }))
      return [good('public URL', `${publicUrl} is this server.`)]
    return [bad('public URL', `${publicUrl}/livez answered ${answer.status}, not this server: check the proxy, or PUBLIC_URL.`)]
  } catch (error) {
    return [
      bad(
        'public URL',
        `${publicUrl} cannot be reached from here (${reason(error)}): check DNS, the proxy and its certificate, or start the server.`,
      ),
    ]
  }
}

export async function checkCertificate({ context, settings }: CheckedServer): Promise<Finding[]> {
  const { protocol, hostname, port } = new URL(settings.publicUrl)
  if (protocol !== 'https:') return []
  try {
    const endsAt = await readCertificateEnd(hostname.replace(/^\[(.*)\]$/, '$1'), Number(port || 443))
    const days = Math.floor((endsAt - context.clock.now()) / dayMs)
    if (days < certificateDaysMin) return [warning('certificate', `The certificate of ${hostname} expires in ${days} days: renew it.`)]
    return [good('certificate', `The certificate of ${hostname} is valid for ${days} more days.`)]
  } catch (error) {
    return [bad('certificate', `${hostname} has no valid certificate (${reason(error)}): renew it, or send the whole chain.`)]
  }
}

function readCertificateEnd(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), timeout: answerMsMax }, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to))
      socket.destroy()
    })
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')))
    socket.once('error', reject)
  })
}

/** The lobby of merchants without their own. */
export async function checkLobby({ settings, store }: CheckedServer): Promise<Finding[]> {
  const merchants = (await store.merchants.load()).filter(({ status }) => status === 'enabled')
  if (merchants.length > 0 && merchants.every(({ settings: own }) => hasLobby(own)))
    return [good('lobby', 'Every merchant has a lobby of its own.')]
  const url = `${settings.publicUrl}/lobby`
  try {
    const { status } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(answerMsMax) })
    // This server's own page answers 404 without a session.
    if (status < 500 && (status !== 404 || settings.lobbyPage)) return [good('lobby', `${url} answers.`)]
    const cure = settings.lobbyPage
      ? 'check the proxy'
      : "have the proxy pass it to the lobby, or set LOBBY_PAGE=on for this server's own page"
    return [bad('lobby', `Members are sent to ${url}, which answered ${status}: ${cure}.`)]
  } catch (error) {
    return [bad('lobby', `Members are sent to ${url}, which cannot be reached from here (${reason(error)}).`)]
  }
}

/** On every platform. */
function hasLobby({ lobbyUrl, lobbyUrls }: MerchantSettings): boolean {
  return lobbyUrl !== null || Object.values(lobbyUrls).every((url) => url !== null)
}

export async function checkProxies({ settings }: CheckedServer): Promise<Finding[]> {
  const isBehindProxy = settings.publicUrl.startsWith('https:')
  if (!isBehindProxy || settings.trustedProxies.length > 0) return [good('proxies', 'Callers are identified by their own addresses.')]
  const text =
    'PUBLIC_URL is https, so this server is behind a proxy, but TRUSTED_PROXIES is empty: every caller seems to have the proxy’s address. Set it.'
  return [bad('proxies', text)]
}

export async function checkListeners({ settings }: CheckedServer): Promise<Finding[]> {
  const { adminHost, adminPort } = settings
  if (adminPort === 0 || isLoopbackHost(adminHost)) return []
  return [warning('admin listener', `It listens on ${adminHost} without TLS: keep it in a private network, behind a proxy with TLS.`)]
}

export async function checkSingleSignOn({ context, settings }: Pick<CheckedServer, 'context' | 'settings'>): Promise<Finding[]> {
  if (settings.ssoIssuer === null) return []
  const trouble = await findSsoTrouble(settings, context.clock)
  if (trouble !== null) return [bad('single sign-on', `${trouble.charAt(0).toUpperCase()}${trouble.slice(1)}.`)]
  return [good('single sign-on', `${settings.ssoIssuer} answers, and its clock is close to this machine's.`)]
}

export async function checkRedis({ settings }: CheckedServer): Promise<Finding[]> {
  if (settings.redisUrl === null) return []
  const keeper = new RedisKeeper({ url: settings.redisUrl, prefix: 'lobbykey-doctor:' })
  try {
    await within(redisMsMax, keeper.open())
    return [good('redis', 'Redis answers.')]
  } catch (error) {
    return [bad('redis', `Redis does not answer (${reason(error)}): check REDIS_URL and that it runs.`)]
  } finally {
    keeper.close()
  }
}

/** Sends it no spans. */
export async function checkCollector({ settings }: CheckedServer): Promise<Finding[]> {
  const { otlpEndpoint: endpoint, otlpHeaders: headers } = settings
  if (endpoint === null) return []
  try {
    await sendSpans({ endpoint, headers, timeoutMs: answerMsMax }, '{"resourceSpans":[]}')
    return [good('spans', `${endpoint} takes OpenTelemetry spans.`)]
  } catch (error) {
    const text = `${endpoint}/v1/traces does not take OpenTelemetry spans (${reason(error)}): check OTEL_EXPORTER_OTLP_ENDPOINT and _HEADERS, and that the collector takes OTLP over HTTP.`
    return [bad('spans', text)]
  }
}

/** A short reason, never with a URL that has a password. */
function reason(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') return `no answer within ${answerMsMax / 1_000} s`
  return cause?.code ?? cause?.message ?? message
}
