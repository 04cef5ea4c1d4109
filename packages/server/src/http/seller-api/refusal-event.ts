import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { SellerRefusal } from '../../core/sellers/seller-refusal.ts'
import type { EventInput } from '../../store/store.ts'

/** What the event table keeps of a refused call: the account, where one was found, and the reason that the caller is not told. */
export function refusalEvent(error: GatewayError, request: FastifyRequest, operation: string, now: number): EventInput {
  const refusal = error.cause instanceof SellerRefusal ? error.cause : undefined
  return {
    at: now,
    kind: `seller.${operation}_refused`,
    surface: 'seller-api',
    subject: refusal?.sellerId,
    address: request.clientAddress ?? undefined,
    requestId: request.id,
    code: catalogue[error.key].sellerCode,
    details: { key: error.key, field: error.details.field, reason: refusal?.reason },
  }
}
