import type { FastifyInstance } from 'fastify'
import type { BrandDirectory } from '../../../core/brands/brand-directory.ts'
import { inTime } from '../../answer-in-time.ts'

/** Path of a logo: contains its digest, so that it can be cached for ever. */
export function brandLogoPath(sha256: string): string {
  return `/brand/logo/${sha256}`
}

/** `GET /brand/logo/{sha256}`: a logo, in a form that no browser takes for anything else. */
export async function brandLogoRoute(app: FastifyInstance, { brands }: { readonly brands: BrandDirectory }): Promise<void> {
  app.get<{ Params: { sha256: string } }>(brandLogoPath(':sha256'), async (request, reply) => {
    const logo = await inTime(brands.findLogo(request.params.sha256))
    if (logo === null) {
      reply.callNotFound()
      return reply
    }
    return reply
      .header('content-type', logo.type)
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(Buffer.from(logo.bytes))
  })
}
