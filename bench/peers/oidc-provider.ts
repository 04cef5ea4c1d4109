/**
 * oidc-provider's token endpoint: client credentials, and refresh_token with rotation on every use (as in the gateway). JWT access tokens under RS256
 * for one resource server. State is in memory, see the adapter. Writes first refresh tokens to TOKENS_FILE.
 */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { OidcMemoryAdapter } from './oidc-memory-adapter.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const resource = 'https://api.example.com'
const accountId = 'account'
const scope = 'openid offline_access read'

const provider = new Provider(`http://127.0.0.1:${process.env.PORT}`, {
  adapter: OidcMemoryAdapter,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'bench' }] },
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret',
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirect_uris: ['https://client.example.com/callback'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'RS256',
    },
  ],
  cookies: { keys: ['bench-cookie-key'] },
  scopes: ['openid', 'offline_access', 'read'],
  ttl: { AccessToken: 86_400, ClientCredentials: 86_400, IdToken: 3_600, RefreshToken: 604_800, Grant: 2_592_000, Session: 86_400 },
  rotateRefreshToken: true,
  findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read',
        audience: resource,
        accessTokenTTL: 86_400,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
})

const client = await provider.Client.find('bench')
if (client === undefined) throw new Error('the client is gone')
const tokens: string[] = []
for (let count = 0; count < Number(process.env.TOKENS ?? 200); count++) {
  const grant = new provider.Grant({ accountId, clientId: 'bench' })
  grant.addOIDCScope('openid offline_access')
  grant.addResourceScope(resource, 'read')
  const grantId = await grant.save()
  const token = new provider.RefreshToken({ accountId, client, grantId, scope, resource, gty: 'authorization_code' })
  tokens.push(await token.save())
}
writeFileSync(process.env.TOKENS_FILE ?? '', `${tokens.join('\n')}\n`)

const handle = provider.callback()
createServer((request, response) => {
  if (request.url === '/') response.end('ready')
  else handle(request, response)
}).listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
