import {
  canonicalString,
  GatewayError,
  isUnambiguousCallback,
  parameterError,
  type SignedCall,
  signedNames,
  timestampWindowMs,
} from '@lobbykey/contract'
import type { SignedRequest } from '../../store/store.ts'
import { addressKey } from '../base/network-address.ts'
import { type Limiter, verifyAdmitted } from '../limits/rate-limiter.ts'
import type { ClockRadar } from '../merchants/clock-radar.ts'
import type { KeyUsage } from '../merchants/key-usage.ts'
import type { Merchant, MerchantDirectory } from '../merchants/merchant-directory.ts'
import { tracedCanonical } from '../records/call-trace.ts'
import type { Step } from '../records/steps.ts'
import type { ReplayFloor } from './replay-floor.ts'
import { matchSignature } from './signature.ts'

/** How much longer than its window a replay row is kept: the largest difference between two nodes' clocks. */
const clockSkewMs = 60_000

/** The fields of every signed call. */
export interface SignedFields {
  readonly agent_id: string
  readonly timestamp: number | string
  readonly sign: string
}

/** A signed request passing through the steps. Optional fields are set by their steps. */
export interface SignedCallProgress {
  readonly call: SignedCall
  readonly requestId: string
  /** The caller's, normalised; null when it is no IP address. */
  readonly address: string | null
  readonly now: number
  /** When it began, by `performance.now()`. */
  readonly begun?: number
  /** Validated. */
  fields?: SignedFields
  /** The merchant named by the call, if it exists, enabled or not. */
  agentId?: string
  merchant?: Merchant
  /** Whether the caller is on the merchant's address list. */
  isListed?: boolean
  signature?: Uint8Array
  /** Which of the merchant's keys made the signature. */
  keyId?: string
  /** `data` of the answer. */
  answer: object
  /** The current or last step; -1 before the first. */
  stepIndex: number
}

interface ReadCall extends SignedCallProgress {
  fields: SignedFields
}

interface KnownCall extends ReadCall {
  merchant: Merchant
}

/** The state after a valid signature, for the call's own steps. */
export interface SignedCallState<Fields extends SignedFields = SignedFields> extends KnownCall {
  fields: Fields
  signature: Uint8Array
}

export interface SignedCallDependencies {
  readonly merchants: MerchantDirectory
  readonly keyUsage: Pick<KeyUsage, 'note'>
  readonly limiter: Limiter
  /** Requests a second for merchants without their own rate; 0 for no limit. */
  readonly ratePerMerchant: number
  /** Throws or rejects if memory is too old. */
  readonly assertFresh: () => void | Promise<void>
  readonly replayFloor: ReplayFloor
  /** Receives the clock difference of each accepted signature. */
  readonly clockRadar: ClockRadar
}

/** The steps that every signed call of the member API shares, from merchant to signature. */
export function signedCallSteps(dependencies: SignedCallDependencies) {
  const { merchants, keyUsage, limiter, ratePerMerchant, assertFresh, replayFloor, clockRadar } = dependencies
  const rateOf = (merchant: Merchant) => merchant.settings.ratePerSecond ?? ratePerMerchant
  return {
    fresh: { name: 'fresh', run: assertFresh } satisfies Step<SignedCallProgress>,
    merchant: {
      name: 'merchant',
      run: (state) => {
        const { agent_id: agentId } = state.fields
        const merchant = merchants.find(agentId)
        if (merchant !== null || merchants.has(agentId)) state.agentId = agentId
        if (merchant === null) throw new GatewayError('merchant_not_found')
        state.merchant = merchant
      },
      fact: ({ fields }) => ['text', fields.agent_id],
    } satisfies Step<ReadCall>,
    addressList: {
      name: 'address list',
      run: (state) => {
        verifyListed(state.merchant, state.address)
        state.isListed = true
      },
      fact: ({ address, merchant: { settings } }) => ['address', address, settings.allow.length],
    } satisfies Step<KnownCall>,
    rateByMerchant: {
      name: 'rate by merchant',
      run: ({ merchant, now }) => verifyAdmitted(limiter.take(`merchant:${merchant.agentId}`, rateOf(merchant), now), 'rate_limited'),
      fact: ({ merchant }) => ['rate', rateOf(merchant)],
    } satisfies Step<KnownCall>,
    timestamp: {
      name: 'timestamp',
      run: ({ fields, now }) => {
        const timestamp = Number(fields.timestamp)
        verifyTimestamp(timestamp, now)
        replayFloor.verify(fields.agent_id, timestamp)
      },
      fact: ({ fields, now }) => ['clock', Number(fields.timestamp) - now],
    } satisfies Step<KnownCall>,
    signature: {
      name: 'signature',
      run: (state) => {
        const { call, merchant, fields } = state
        const names = call.name === 'login' ? merchant.loginNames : signedNames(call, merchant.profile.callback)
        verifySignedCallback(fields, names)
        const match = matchSignature(fields.sign, canonicalString(fields, names), merchant.keys, merchant.profile.algorithm)
        if (match === null) throw new GatewayError('bad_signature')
        state.signature = match.signature
        state.keyId = merchant.keyIds[match.keyIndex] ?? ''
        keyUsage.note(merchant.agentId, state.keyId, state.now)
        const timestamp = Number(fields.timestamp)
        replayFloor.noteVerified(merchant.agentId, timestamp, state.now)
        clockRadar.note(merchant.agentId, timestamp - state.now, state.now)
      },
      fact: ({ call, merchant, fields }, values) => {
        const { profile, keys } = merchant
        return ['signature', profile.algorithm, keys.length, tracedCanonical(fields, signedNames(call, profile.callback), values)]
      },
    } satisfies Step<KnownCall>,
  }
}

/** The step before a body is read: a rate by the caller's network address. */
export function verifyAddressRate(limiter: Limiter, address: string | null, ratePerSecond: number, now: number): void | Promise<void> {
  return verifyAdmitted(limiter.take(`address:${address === null ? 'unknown' : addressKey(address)}`, ratePerSecond, now), 'rate_limited')
}

/** @throws GatewayError address_not_allowed */
export function verifyListed({ allow }: Pick<Merchant, 'allow'>, address: string | null): asserts address is string {
  if (address === null || !allow.has(address)) {
    const message = `${address ?? 'an unknown address'} is not on the merchant's list`
    throw new GatewayError('address_not_allowed', { message, ...(address === null ? {} : { unlisted: address }) })
  }
}

/** The replay row, which recognises a repeated request. */
export function signedRequest(state: SignedCallState, unsignedDigest: Uint8Array): SignedRequest {
  const timestamp = Number(state.fields.timestamp)
  return {
    agentId: state.merchant.agentId,
    signature: state.signature,
    timestamp,
    endpoint: state.call.name,
    unsignedDigest,
    expiresAt: timestamp + timestampWindowMs + clockSkewMs,
  }
}

function verifyTimestamp(timestamp: number, now: number): void {
  const aheadMs = timestamp - now
  // Written so that NaN is refused.
  if (Math.abs(aheadMs) <= timestampWindowMs) return
  const off = `${Math.ceil(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`
  throw parameterError('timestamp', `${timestamp} is ${off} the server's clock, ${now}; it may be ${timestampWindowMs / 1_000} s off`)
}

/** A signed `&` could make two requests share one canonical string; only a signed callback can contain one. */
function verifySignedCallback(fields: SignedFields & { readonly callback?: string }, names: readonly string[]): void {
  if (fields.callback === undefined || !names.includes('callback') || !fields.callback.includes('&')) return
  if (!isUnambiguousCallback(fields.callback, names)) {
    throw parameterError('callback', 'must not hold & followed by the name of a field and =, when it is signed')
  }
}
