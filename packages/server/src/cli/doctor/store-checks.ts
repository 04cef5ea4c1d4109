import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isGatewayError } from '@lobbykey/contract'
import { version } from '../../core/base/version.ts'
import { aliveMs } from '../../core/records/process-beat.ts'
import { sqliteFileOf } from '../../store/database-url.ts'
import { sharedClockOf } from '../command-context.ts'
import { reasonOf } from '../with-store.ts'
import { bad, type CheckedServer, type Finding, good, warning } from './finding.ts'

/** A larger difference means that NTP does not work. */
const clockMsMax = 1_000
/** With less, the disk is about to fill up. */
const freeBytesMin = 2 ** 30
const freeShareMin = 0.05

export async function checkClock({ context, store }: CheckedServer): Promise<Finding[]> {
  const askedAt = context.clock.now()
  const databaseTime = await sharedClockOf(context, store).read()
  const answeredAt = context.clock.now()
  const offMs = databaseTime < askedAt ? askedAt - databaseTime : databaseTime > answeredAt ? answeredAt - databaseTime : 0
  if (Math.abs(offMs) <= clockMsMax) return [good('clock', "This machine's clock is close to the database's.")]
  const side = offMs > 0 ? 'ahead of' : 'behind'
  const text = `This machine's clock is ${Math.round(Math.abs(offMs) / 100) / 10} s ${side} the database's: run NTP on both (timedatectl).`
  return [Math.abs(offMs) > 30_000 ? bad('clock', `${text} Beyond 30 s a node is not ready.`) : warning('clock', text)]
}

export async function checkSchema({ store }: CheckedServer): Promise<Finding[]> {
  const { pending, newer } = await store.schema()
  if (pending.length > 0) return [bad('schema', `The store lacks ${pending.join(', ')}: run lobbykey migrate.`)]
  if (newer.length > 0) return [warning('schema', `A newer version has migrated the store (${newer.join(', ')}): upgrade this one.`)]
  return [good('schema', 'The store matches this version.')]
}

/** Reads can go on where nothing can be written: on a full disk, or a file system that became read-only. */
export async function checkWrites({ store }: CheckedServer): Promise<Finding[]> {
  try {
    await store.verifyWritable()
    return [good('writes', 'The store can be written.')]
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'store_unavailable') throw error
    return [bad('writes', `The store cannot be written (${reasonOf(error.cause)}): calls that write get 503 until it can.`)]
  }
}

/** What the processes report about themselves. */
export async function checkProcesses({ context, store }: CheckedServer): Promise<Finding[]> {
  const now = await sharedClockOf(context, store).read()
  const alive = (await store.processes.list(now - aliveMs)).filter(({ seenAt }) => now - seenAt <= aliveMs)
  if (alive.length === 0) return [good('processes', 'No process serves this store now.')]
  const findings: Finding[] = []
  for (const { host, pid, ...one } of alive) {
    const name = `Process ${pid} on ${host}`
    if (!one.isReady) findings.push(bad('processes', `${name} is not ready: its log says why.`))
    if (!one.limitsShared) findings.push(bad('limits', `${name} cannot reach Redis and limits alone: check REDIS_URL and that Redis runs.`))
    findings.push(...(one.sealBacklog ?? []).map((text) => bad('seals', `${name}: ${text}`)))
    if (one.version !== version) findings.push(warning('processes', `${name} runs ${one.version}, this is ${version}: use one version.`))
  }
  const isApart = alive.filter(({ limits }) => limits === 'process').length > 1
  if (isApart) findings.push(warning('limits', 'Several processes have separate rate limits: set REDIS_URL to share them.'))
  return findings.length > 0 ? findings : [good('processes', `${alive.length} serve this store, all ready.`)]
}

export async function checkSqliteFile({ settings }: CheckedServer): Promise<Finding[]> {
  const path = sqliteFileOf(settings.databaseUrl)
  if (path === null) return []
  const findings: Finding[] = []
  if ((statSync(path).mode & 0o077) !== 0) findings.push(bad('files', `Others may read or write ${path}: chmod 600 ${path}*`))
  else findings.push(good('files', `Only its owner can access ${path}.`))
  const { bavail, blocks, bsize } = statfsSync(dirname(path))
  const isLow = bavail * bsize < freeBytesMin || bavail < blocks * freeShareMin
  const free = `${Math.round((bavail * bsize) / 2 ** 20)} MiB are free beside ${path}`
  findings.push(isLow ? warning('disk', `${free}: free up space, or logins will fail.`) : good('disk', `${free}.`))
  return findings
}
