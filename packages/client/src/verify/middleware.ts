/** One line for each framework; none of them is imported here. Handlers find the seller where the comment says. */
import type { Seller, Verifier } from './verifier.ts'
import { VerifyError } from './verify-error.ts'

interface NodeRequest {
  readonly headers: { readonly authorization?: string | undefined }
}

interface ExpressResponse {
  status(code: number): { set(headers: object): { json(body: unknown): unknown } }
}

/** `app.use(express(verifier))`: `request.seller`. */
export function express(verifier: Verifier) {
  return (request: NodeRequest & { seller?: Seller }, response: ExpressResponse, next: (error?: unknown) => void): void => {
    verifier.authenticate(request.headers.authorization).then(
      (seller) => {
        request.seller = seller
        next()
      },
      (error: unknown) => {
        if (error instanceof VerifyError)
          void bodyOf(error).then((body) => response.status(error.status).set(error.headers).json(body), next)
        else next(error)
      },
    )
  }
}

interface FastifyReply {
  code(status: number): { headers(values: object): { send(body: unknown): unknown } }
}

/** `app.addHook('onRequest', fastify(verifier))`: `request.seller`. */
export function fastify(verifier: Verifier) {
  return async (request: NodeRequest & { seller?: Seller }, reply: FastifyReply): Promise<unknown> => {
    try {
      request.seller = await verifier.authenticate(request.headers.authorization)
      return undefined
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      return reply
        .code(error.status)
        .headers(error.headers)
        .send(await bodyOf(error))
    }
  }
}

interface HonoContext {
  readonly req: { header(name: string): string | undefined }
  set(name: 'seller', seller: Seller): void
}

/** `app.use(hono(verifier))`: `context.get('seller')`. */
export function hono(verifier: Verifier) {
  return async (context: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
    const seller = await sellerOf(verifier, context.req.header('authorization'))
    if (seller instanceof Response) return seller
    context.set('seller', seller)
    await next()
    return undefined
  }
}

/** For plain requests: the seller, or the answer that refuses. */
export function authenticateRequest(verifier: Verifier, request: Request): Promise<Seller | Response> {
  return sellerOf(verifier, request.headers.get('authorization'))
}

async function sellerOf(verifier: Verifier, authorization: string | null | undefined): Promise<Seller | Response> {
  try {
    return await verifier.authenticate(authorization)
  } catch (error) {
    if (error instanceof VerifyError) return error.toResponse()
    throw error
  }
}

function bodyOf(error: VerifyError): Promise<unknown> {
  return error.toResponse().json()
}
