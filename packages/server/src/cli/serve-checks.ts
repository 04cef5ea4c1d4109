import { lookup } from 'node:dns/promises'
import { isGatewayError } from '@lobbykey/contract'
import { type CommandSettings, ConfigError, type Environment, readSettings } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import { findUpstreamProblem } from '../config/upstream-problems.ts'
import { findMasterKeyProblem } from '../core/base/master-key-check.ts'
import { isUnspecifiedAddress } from '../core/base/network-address.ts'
import { Sealer } from '../core/base/sealer.ts'
import { within } from '../core/base/within.ts'
import { allMerchants } from '../core/merchants/all-merchants.ts'
import { merchantKeyPurpose } from '../core/merchants/merchant-directory.ts'
import { PasswordHasher } from '../core/passwords/password-hasher.ts'
import { sampleMerchant, sampleSeller } from '../sandbox/sample-partners.ts'
import { sandboxMark } from '../sandbox/seed.ts'
import { pendingMigrations } from '../store/migrate.ts'
import type { SqlStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { findDescriptorProblem } from './serve-warnings.ts'
import { findMissingFile, notMigrated, usingStore } from './with-store.ts'

/**
 * The settings of a server that may start. Otherwise reports all problems at once: those of the settings and, if these lead to a store, those of the
 * store (checks 10, 76).
 *
 * @throws ConfigError; GatewayError store_unavailable if that is the only problem
 */
export async function checkedServeSettings(env: Environment): Promise<Settings> {
  const problems: string[] = []
  const settings = orProblems(() => readSettings(env, 'serve'), problems)
  if (settings !== null) problems.push(...(await findEnvironmentProblems(settings)))
  // The store's own settings may be right even if others are not.
  const forStore = settings ?? orProblems(() => readSettings(env, 'cli'), [])
  try {
    if (forStore !== null) problems.push(...(await findStoreProblems(forStore)))
  } catch (error) {
    if (problems.length === 0 || !isGatewayError(error)) throw error
    problems.push(error.details.message ?? error.message)
  }
  if (settings === null || problems.length > 0) throw new ConfigError(problems)
  return settings
}

/** Timeout of a name lookup. A failing lookup does not prevent a start. */
const lookupMsMax = 1_000

/** Problems of the settings on this machine and in its network. */
async function findEnvironmentProblems(settings: Settings): Promise<string[]> {
  const descriptors = findDescriptorProblem(settings)
  const upstreams = await Promise.all(
    settings.upstreams.map(async (upstream) => {
      const { hostname } = new URL(upstream.url)
      const known = await within(lookupMsMax, lookup(hostname.replace(/^\[(.*)\]$/, '$1'), { all: true })).catch(() => [])
      return findUpstreamProblem(
        upstream,
        settings,
        known.map(({ address }) => address),
      )
    }),
  )
  return [descriptors, findPortProblem(settings), findIssuerProblem(settings), ...upstreams].filter((problem) => problem !== null)
}

/** Otherwise the start would say that somebody else has the port. */
function findPortProblem({ host, port, adminHost, adminPort }: Settings): string | null {
  const isShared = port === adminPort && (host === adminHost || isUnspecifiedAddress(host) || isUnspecifiedAddress(adminHost))
  return isShared ? 'PORT and ADMIN_PORT are the same; change one' : null
}

function findIssuerProblem({ ssoIssuer }: Settings): string | null {
  return ssoIssuer?.startsWith('http:') ? 'OPERATOR_SSO_ISSUER must be https outside the sandbox; change it or unset it' : null
}

function orProblems<T>(read: () => T, problems: string[]): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return null
  }
}

async function findStoreProblems(settings: CommandSettings): Promise<string[]> {
  const missing = findMissingFile(settings.databaseUrl)
  if (missing !== null) return [missing]
  return usingStore(settings, async (store) => {
    const problems = (await store.durabilityProblems()).map((problem) => `an acknowledged login could be lost: ${problem}`)
    problems.push(...(await store.limitProblems()))
    const pending = await pendingMigrations(store)
    if (pending.length > 0) return [...problems, notMigrated(pending)]
    return [...problems, ...(await findSecretProblems(store, settings))]
  })
}

/** Secrets that do not match or are publicly known. */
async function findSecretProblems(store: SqlStore, settings: CommandSettings): Promise<string[]> {
  const problems: string[] = []
  if ((await store.meta.find(sandboxMark)) !== null) {
    problems.push('the store was made by `lobbykey sandbox` and contains its sample partners: use another DATABASE_URL')
  }
  const { masterKey } = settings
  if (masterKey !== null) {
    const problem = await findMasterKeyProblem(store.meta, masterKey)
    if (problem === null) problems.push(...(await findSampleKeys(store, masterKey)))
    else problems.push(problem)
  }
  const seller = await store.sellers.findByEmail(sampleSeller.email)
  if (seller !== null && (await (await PasswordHasher.create(settings)).verify(seller.passwordHash, sampleSeller.password))) {
    problems.push(`seller ${seller.email} has the sample password: run \`lobbykey seller set-password ${seller.email}\``)
  }
  return problems
}

async function findSampleKeys(store: Store, masterKey: Uint8Array): Promise<string[]> {
  const sealer = new Sealer(masterKey)
  const problems: string[] = []
  for await (const { agentId, status, keys } of allMerchants(store.merchants)) {
    const active = status === 'enabled' ? keys.filter(({ retiredAt }) => retiredAt === null) : []
    const isSample = active.some(({ id, sealed }) => keyText(sealer.open(sealed, merchantKeyPurpose(agentId, id))) === sampleMerchant.key)
    if (isSample)
      problems.push(`merchant ${agentId} has the published sample key: run \`lobbykey merchant rotate-key ${agentId}\`, then retire it`)
  }
  return problems
}

function keyText(key: Uint8Array): string {
  return Buffer.from(key).toString('utf8')
}
