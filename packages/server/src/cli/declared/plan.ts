/** Plans the changes for a declaration. Every operation is rehearsed first, so that errors are reported before any change. */
import { isDeepStrictEqual } from 'node:util'
import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { AdminOutput, Declaration, DeclaredBrand, DeclaredMerchant, DeclaredService, Labels } from '@lobbykey/contract/admin'
import { allItems, type OperationRunner } from '../operate.ts'

export interface Difference {
  readonly before: unknown
  readonly after: unknown
}

/** One operation and its effect. */
export interface Change {
  readonly action: 'add' | 'update' | 'enable' | 'disable' | 'delete' | 'replace'
  readonly noun: 'merchant' | 'service' | 'brand' | 'catalogue'
  /** Null for the catalogue. */
  readonly id: string | null
  /** For updates, by field. */
  readonly fields?: Readonly<Record<string, Difference>>
  /** Whether it creates a secret. */
  readonly makesSecret?: true
  readonly run: (runner: OperationRunner) => Promise<Secret | null>
}

/** A secret created by a change, shown only once. */
export type Secret =
  | { readonly merchant: string; readonly keyId: string; readonly key: string }
  | { readonly service: string; readonly secret: string }

export interface PlanOptions {
  /** Set on everything declared; null for none. */
  readonly label: { readonly name: string; readonly value: string } | null
  /** Whether to remove what has the label but is not declared. */
  readonly prune: boolean
  /** Reads the key from its source. */
  readonly readSecret: (source: string) => Promise<string>
  /** Reads a logo's file, as base64. */
  readonly readLogo: (path: string) => Promise<string>
  /** The catalogue's file. */
  readonly catalogue: { readonly form: 'json' | 'csv'; readonly text: string } | null
}

export async function makePlan(runner: OperationRunner, declaration: Declaration, options: PlanOptions): Promise<Change[]> {
  const merchants = await heldBy(runner, 'merchant.list', ({ agentId }) => agentId)
  const services = await heldBy(runner, 'service.list', ({ serviceId }) => serviceId)
  const changes: Change[] = []
  if (options.catalogue !== null) changes.push(...(await catalogueChanges(runner, options.catalogue)))
  for (const [id, declared] of Object.entries(declaration.merchants)) {
    changes.push(...(await merchantChanges(runner, id, merchants.get(id), declared, options)))
  }
  for (const [id, declared] of Object.entries(declaration.services)) {
    changes.push(...(await serviceChanges(runner, id, services.get(id), declared, options)))
  }
  if (Object.keys(declaration.brands).length > 0) {
    const brands = await heldBy(runner, 'brand.list', ({ agentId }) => agentId)
    for (const [id, declared] of Object.entries(declaration.brands)) {
      const isNew = !merchants.has(id) && Object.hasOwn(declaration.merchants, id)
      changes.push(...(await brandChanges(runner, { id, held: brands.get(id), isNew }, declared, options)))
    }
  }
  if (options.prune) {
    const isOurs = ({ labels }: { labels: Labels }) => options.label !== null && labels[options.label.name] === options.label.value
    for (const [id, held] of merchants) {
      if (isOurs(held) && !Object.hasOwn(declaration.merchants, id)) changes.push(...(await merchantRemoval(runner, held)))
    }
    for (const [id, held] of services) {
      if (isOurs(held) && !Object.hasOwn(declaration.services, id)) changes.push(serviceRemoval(id))
    }
  }
  return changes
}

type Merchant = AdminOutput<'merchant.show'>
type Service = AdminOutput<'service.show'>

async function merchantChanges(
  runner: OperationRunner,
  agentId: string,
  held: Merchant | undefined,
  { status, key: source, ...declared }: DeclaredMerchant,
  options: PlanOptions,
): Promise<Change[]> {
  const settings = { ...declared, ...labelled(declared.labels, held?.labels, options) }
  const noun = 'merchant'
  if (held === undefined) {
    const key = source === undefined ? {} : { key: await options.readSecret(source) }
    const input = { agentId, ...settings, ...key }
    await runner.run('merchant.add', input, { isDryRun: true })
    const add: Change = {
      action: 'add',
      noun,
      id: agentId,
      ...(source === undefined ? { makesSecret: true } : {}),
      run: async ({ run }) => {
        const { keyId, key: made } = await run('merchant.add', input)
        return made === undefined ? null : { merchant: agentId, keyId, key: made }
      },
    }
    return status === 'disabled' ? [add, statusChange(noun, agentId, status)] : [add]
  }
  const rehearsed = await runner.run('merchant.update', { agentId, ...settings }, { isDryRun: true })
  const names = Object.keys(settings) as (keyof typeof settings & keyof Merchant)[]
  const fields = differences(held, rehearsed, names)
  const changes: Change[] = []
  if (Object.keys(fields).length > 0) {
    const run = async ({ run: runs }: OperationRunner) => {
      await runs('merchant.update', { agentId, ...settings }, { readAt: held.updatedAt })
      return null
    }
    changes.push({ action: 'update', noun, id: agentId, fields, run })
  }
  if (status !== undefined && status !== held.status) changes.push(statusChange(noun, agentId, status))
  return changes
}

async function serviceChanges(
  runner: OperationRunner,
  serviceId: string,
  held: Service | undefined,
  { status, labels }: DeclaredService,
  options: PlanOptions,
): Promise<Change[]> {
  const settings = labelled(labels, held?.labels, options)
  const noun = 'service'
  if (held === undefined) {
    const input = { serviceId, ...settings }
    await runner.run('service.add', input, { isDryRun: true })
    const run = async ({ run: runs }: OperationRunner) => {
      const { secret } = await runs('service.add', input)
      return secret === undefined ? null : { service: serviceId, secret }
    }
    const add: Change = { action: 'add', noun, id: serviceId, makesSecret: true, run }
    return status === 'disabled' ? [add, statusChange(noun, serviceId, status)] : [add]
  }
  const changes: Change[] = []
  const wanted = settings.labels
  if (wanted !== undefined && !isDeepStrictEqual(wanted, held.labels)) {
    const run = async ({ run: runs }: OperationRunner) => {
      await runs('service.update', { serviceId, labels: wanted }, { readAt: held.updatedAt })
      return null
    }
    changes.push({ action: 'update', noun, id: serviceId, fields: { labels: { before: held.labels, after: wanted } }, run })
  }
  if (status !== undefined && status !== held.status) changes.push(statusChange(noun, serviceId, status))
  return changes
}

/** @param isNew whether an earlier change of the plan makes the merchant */
async function brandChanges(
  runner: OperationRunner,
  { id, held, isNew }: { readonly id: string; readonly held: AdminOutput<'brand.set'> | undefined; readonly isNew: boolean },
  { logo, ...declared }: DeclaredBrand,
  options: PlanOptions,
): Promise<Change[]> {
  const file = logo?.startsWith('file:') ? await options.readLogo(logo.slice('file:'.length)) : logo
  const settings = { ...declared, ...(file === undefined ? {} : { logo: file }) }
  const rehearsed = await runner.run('brand.set', { agentId: isNew ? '*' : id, ...settings }, { isDryRun: true })
  const names = Object.keys(settings) as (keyof typeof settings & keyof typeof rehearsed)[]
  const fields = differences(held ?? noBrand, rehearsed, names)
  if (held !== undefined && Object.keys(fields).length === 0) return []
  const run = async ({ run: runs }: OperationRunner) => {
    await runs('brand.set', { agentId: id, ...settings })
    return null
  }
  return [{ action: held === undefined ? 'add' : 'update', noun: 'brand', id, fields, run }]
}

const noBrand = { title: null, accentColor: null, headerColor: null, supportUrl: null, logo: null }

async function catalogueChanges(runner: OperationRunner, file: NonNullable<PlanOptions['catalogue']>): Promise<Change[]> {
  const { difference } = await runner.run('catalogue.import', file, { isDryRun: true })
  const isInStep = Object.values(difference).every(({ added, removed, changed }) => added.length + removed.length + changed.length === 0)
  if (isInStep) return []
  const fields = Object.fromEntries(
    Object.entries(difference).map(([part, { added, removed, changed }]) => [
      part,
      { before: removed, after: [...added, ...changed.map(({ item }) => item)] },
    ]),
  )
  const run = async ({ run: runs }: OperationRunner) => {
    await runs('catalogue.import', file)
    return null
  }
  return [{ action: 'replace', noun: 'catalogue', id: null, fields, run }]
}

/** A merchant that was ever used can only be disabled. */
async function merchantRemoval(runner: OperationRunner, { agentId, status }: Merchant): Promise<Change[]> {
  try {
    await runner.run('merchant.delete', { agentId }, { isDryRun: true })
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'conflict') throw error
    return status === 'disabled' ? [] : [statusChange('merchant', agentId, 'disabled')]
  }
  const run = async ({ run: runs }: OperationRunner) => {
    await runs('merchant.delete', { agentId })
    return null
  }
  return [{ action: 'delete', noun: 'merchant', id: agentId, run }]
}

function serviceRemoval(serviceId: string): Change {
  const run = async ({ run: runs }: OperationRunner) => {
    await runs('service.delete', { serviceId })
    return null
  }
  return { action: 'delete', noun: 'service', id: serviceId, run }
}

function statusChange(noun: 'merchant' | 'service', id: string, status: 'enabled' | 'disabled'): Change {
  const action = status === 'enabled' ? 'enable' : 'disable'
  const run = async ({ run: runs }: OperationRunner) => {
    if (noun === 'merchant') await runs(`merchant.${action}`, { agentId: id })
    else await runs(`service.${action}`, { serviceId: id })
    return null
  }
  return { action, noun, id, run }
}

function labelled(declared: Labels | undefined, held: Labels | undefined, { label }: PlanOptions): { labels?: Labels } {
  if (label === null) return declared === undefined ? {} : { labels: declared }
  return { labels: { ...(declared ?? held), [label.name]: label.value } }
}

function differences<T extends object>(
  before: T,
  after: { readonly [Name in keyof T]: unknown },
  names: readonly (keyof T & string)[],
): Record<string, Difference> {
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]))
  return Object.fromEntries(changed.map((name) => [name, { before: before[name], after: after[name] }]))
}

async function heldBy<Name extends 'merchant.list' | 'service.list' | 'brand.list'>(
  runner: OperationRunner,
  name: Name,
  idOf: (item: AdminOutput<Name>['items'][number]) => string,
): Promise<Map<string, AdminOutput<Name>['items'][number]>> {
  type Item = AdminOutput<Name>['items'][number]
  const items = await allItems<Item>(
    (cursor) =>
      runner.run(name, { limit: 200, ...(cursor === undefined ? {} : { cursor }) } as never) as Promise<{
        items: Item[]
        nextCursor: string | null
      }>,
  )
  return new Map(items.map((item) => [idOf(item), item]))
}

/** Requires a file for new secrets. @throws GatewayError invalid_parameter */
export function requireSecretsFile(changes: readonly Change[], place: string | undefined): void {
  const makers = changes.filter(({ makesSecret }) => makesSecret === true)
  if (makers.length === 0 || place !== undefined) return
  const names = makers.map(({ noun, id }) => `${noun} ${id}`).join(', ')
  throw new GatewayError('invalid_parameter', {
    message: `this creates secrets that are shown only once (${names}): name a file for them with --secrets, or the source of a merchant's key with key: env:NAME`,
  })
}
