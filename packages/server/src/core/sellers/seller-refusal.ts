/** Why a seller's call was refused, as the cause of its GatewayError: for records, never for the caller. */
export class SellerRefusal {
  readonly reason: string
  readonly sellerId: string | undefined

  constructor(reason: string, sellerId?: string) {
    this.reason = reason
    this.sellerId = sellerId
  }
}
