import { parameterError } from '@lobbykey/contract'
import { type AdminOutput, clockRightWithinMs } from '@lobbykey/contract/admin'
import { findCertificate } from '../core/merchants/certificate.ts'
import { keyQuietMs, keyRetirement } from '../core/merchants/key-retirement.ts'
import { LastDay } from '../core/merchants/last-day.ts'
import { MerchantAdmin, type MerchantChanges } from '../core/merchants/merchant-admin.ts'
import type { MerchantClock, MerchantKeyRecord, MerchantSettings, MerchantWithKeys } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { certificateView } from './certificate-view.ts'
import { handOverLink } from './hand-over-link.ts'
import { labelOf } from './labels.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `merchant.${string}`>

export function merchantHandlers(parts: OperationParts): Handlers<Names> {
  const {
    store,
    clock,
    sealer,
    settings: { lobbyPage, ratePerMerchant },
  } = parts
  const adminOf = async ({ origin }: Caller) => new MerchantAdmin({ store: store.merchants, sealer: await sealer(), clock, origin })
  const lastDayOf = (agentId: string) => LastDay.of(store.callCounts, agentId, clock.now())
  const show = async (admin: MerchantAdmin, agentId: string) => {
    const [merchant, clocks] = [await admin.get(agentId), await store.merchantClocks.load([agentId])]
    return view(merchant, clocks[0], lobbyPage)
  }
  /** An imported key is known to the caller and not returned. */
  const keyOrLink = async (
    { agentId, keyId, key }: { agentId: string; keyId: string; key: string },
    importedKey: string | undefined,
    handOver: boolean | undefined,
    { origin }: Caller,
  ) => {
    if (importedKey !== undefined) return { keyId }
    if (handOver !== true) return { keyId, key }
    return { keyId, ...(await handOverLink(parts, key, { what: `The key ${keyId} of merchant ${agentId}`, agentId }, origin)) }
  }
  return {
    'merchant.list': async ({ q: prefix, status, label, due, ...page }, caller) => {
      const admin = await adminOf(caller)
      const clocks = new Map<string, MerchantClock>()
      return readPage(
        page,
        async ({ limit, after: afterAgentId }) => {
          const filter = {
            prefix,
            status,
            label: labelOf(label),
            clockOffBy: due === 'clock' ? clockRightWithinMs : undefined,
            oldKeyUnusedSince: due === 'key' ? clock.now() - keyQuietMs : undefined,
            agentIds: caller.agentIds ?? undefined,
          }
          const merchants = await admin.list({ limit, afterAgentId, ...filter })
          for (const found of await store.merchantClocks.load(merchants.map(({ agentId }) => agentId))) clocks.set(found.agentId, found)
          return merchants
        },
        ({ agentId }) => agentId,
        (merchant) => view(merchant, clocks.get(merchant.agentId), lobbyPage),
      )
    },

    'merchant.show': async ({ agentId }, caller) => show(await adminOf(caller), agentId),

    'merchant.certificate': async ({ agentId }, caller) => {
      const merchant = await (await adminOf(caller)).get(agentId)
      const [clocks, marks] = [await store.merchantClocks.load([agentId]), await store.merchantConduct.load(agentId)]
      const ratePerSecond = merchant.settings.ratePerSecond ?? ratePerMerchant
      const now = clock.now()
      return certificateView(agentId, now, findCertificate({ now, merchant, clock: clocks[0], marks, ratePerSecond }))
    },

    'merchant.add': async ({ agentId, key: importedKey, handOver, ...settings }, caller) => {
      verifyNotImported(handOver, importedKey)
      const admin = await adminOf(caller)
      const made = await admin.add(agentId, changesOf(settings), importedKey)
      const { warnings } = await show(admin, agentId)
      return { agentId, ...(await keyOrLink({ agentId, ...made }, importedKey, handOver, caller)), warnings }
    },

    'merchant.update': async ({ agentId, ...settings }, caller, expectation) => {
      const admin = await adminOf(caller)
      const { allow } = (await admin.get(agentId)).settings
      await admin.update(agentId, changesOf(settings), expectation)
      const effects = settings.allow === undefined ? [] : (await lastDayOf(agentId)).effectsOfAllowing(allow, settings.allow)
      return { ...(await show(admin, agentId)), effects }
    },

    'merchant.enable': async ({ agentId }, caller) => {
      await (await adminOf(caller)).setStatus(agentId, 'enabled')
      return { agentId, status: 'enabled' }
    },

    'merchant.disable': async ({ agentId }, caller) => {
      await (await adminOf(caller)).setStatus(agentId, 'disabled')
      return { agentId, status: 'disabled', effects: (await lastDayOf(agentId)).effectsOfDisabling() }
    },

    'merchant.delete': async ({ agentId }, caller) => {
      await (await adminOf(caller)).remove(agentId)
      return { agentId, deleted: true }
    },

    'merchant.rotate-key': async ({ agentId, key: importedKey, handOver }, caller) => {
      verifyNotImported(handOver, importedKey)
      const made = await (await adminOf(caller)).rotateKey(agentId, importedKey)
      return { agentId, ...(await keyOrLink({ agentId, ...made }, importedKey, handOver, caller)) }
    },

    'merchant.retire-key': async ({ agentId, keyId, force = false }, caller) => {
      await (await adminOf(caller)).retireKey(agentId, keyId, force)
      return { agentId, keyId, status: 'retired', effects: (await lastDayOf(agentId)).effectsOfRetiring(keyId) }
    },

    'merchant.test-address': async ({ agentId, address }, caller) => {
      const { address: normal, by } = await (await adminOf(caller)).testAddress(agentId, address)
      return { agentId, address: normal, isAllowed: by !== null, by }
    },
  }
}

/** @throws GatewayError invalid_parameter */
function verifyNotImported(handOver: boolean | undefined, importedKey: string | undefined): void {
  if (handOver === true && importedKey !== undefined) throw parameterError('handOver', 'goes with a key that is made here')
}

type SettingFields = Partial<
  Omit<AdminOutput<'merchant.show'>, 'agentId' | 'status' | 'createdAt' | 'updatedAt' | 'clock' | 'keys' | 'warnings'>
>

/** Maps the one setting that has another name in the contract. */
function changesOf({ sign, ...settings }: SettingFields): MerchantChanges {
  return { ...settings, ...(sign === undefined ? {} : { algorithm: sign }) } as MerchantChanges
}

function view(merchant: MerchantWithKeys, clock: MerchantClock | undefined, hasLobbyPage: boolean): AdminOutput<'merchant.show'> {
  const { agentId, status, settings, createdAt, updatedAt, keys } = merchant
  const { algorithm, ...rest } = settings
  return {
    agentId,
    status,
    ...(rest as Omit<SettingFields, 'sign'> & Omit<MerchantSettings, 'algorithm'>),
    sign: algorithm,
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
    clock: clock === undefined ? null : { differenceMs: clock.differenceMs, measuredAt: timeValue(clock.measuredAt) },
    keys: keys.map((key) => keyView(key, keys)),
    warnings: warningsOf(agentId, settings, hasLobbyPage),
  } as AdminOutput<'merchant.show'>
}

function keyView(key: MerchantKeyRecord, keys: readonly MerchantKeyRecord[]): AdminOutput<'merchant.show'>['keys'][number] {
  const retirement = key.retiredAt === null ? keyRetirement(key, keys) : null
  return {
    keyId: key.id,
    status: key.retiredAt === null ? 'active' : 'retired',
    createdAt: timeValue(key.createdAt),
    retiredAt: timeValue(key.retiredAt),
    lastUsedAt: timeValue(key.lastUsedAt),
    safeToRetireFrom: timeValue(retirement?.safeFrom ?? null),
  }
}

/** Settings that keep a merchant's members from logging in or reaching the lobby. */
function warningsOf(agentId: string, { currencies, allow, lobbyUrl, lobbyUrls }: MerchantSettings, hasLobbyPage: boolean): string[] {
  const update = `lobbykey merchant update ${agentId}`
  const unreachable = Object.entries(lobbyUrls).filter(([, url]) => url === null)
  return [
    ...(currencies.length === 0 ? [`It has no currency yet and cannot log members in: ${update} --currency`] : []),
    ...(allow.length === 0 ? [`Its address list is empty and refuses everyone: ${update} --allow`] : []),
    ...(lobbyUrl === null && !hasLobbyPage && unreachable.length > 0
      ? [
          `Members on ${unreachable.map(([platform]) => platform).join(', ')} are sent to a page that is not there (LOBBY_PAGE is off): ${update} --lobby-url`,
        ]
      : []),
  ]
}
