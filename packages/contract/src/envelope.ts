import { catalogue } from './catalogue.ts'
import type { GatewayError } from './gateway-error.ts'

/** Seller envelope (seller-login.md): `code` is a string, "0000" is success; `time` is ISO 8601 in UTC with milliseconds. */
export interface SellerEnvelope<T> {
  code: string
  msg: string
  time: string
  data: T | null
}

/** Member envelope (member-login.md): `code` is an integer, 200 is success; on failure `data` is `{}`. */
export interface MemberEnvelope<T> {
  code: number
  message: string
  data: T | Record<string, never>
}

/** Codes of successful answers, as traces and counts have them. */
export const acceptedCodes: readonly string[] = ['200', '0000']

export function sellerSuccess<T>(data: T, nowMs: number): SellerEnvelope<T> {
  return { code: '0000', msg: 'Success', time: new Date(nowMs).toISOString(), data }
}

export function sellerFailure(error: GatewayError, nowMs: number): SellerEnvelope<never> {
  const entry = catalogue[error.key]
  const internal = catalogue.internal
  return {
    code: entry.sellerCode ?? internal.sellerCode ?? '',
    msg: publicText(entry.sellerText ?? internal.sellerText ?? '', error),
    time: new Date(nowMs).toISOString(),
    data: null,
  }
}

export function memberSuccess<T>(data: T): MemberEnvelope<T> {
  return { code: 200, message: 'success', data }
}

export function memberFailure(error: GatewayError): MemberEnvelope<never> {
  const entry = catalogue[error.key]
  const internal = catalogue.internal
  return {
    code: entry.memberCode ?? internal.memberCode ?? 0,
    message: publicText(entry.memberText ?? internal.memberText ?? '', error),
    data: {},
  }
}

function publicText(text: string, error: GatewayError): string {
  return error.details.message === undefined ? text : `${text}: ${error.details.message}`
}
