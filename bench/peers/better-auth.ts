/**
 * better-auth as its installation page sets it up for production: PostgreSQL through pg's pool, e-mail and password, the Node handler,
 * NODE_ENV=production, its rate limiter on (set above the load). Passwords: its default, scrypt N=16384, r=16, p=1, 64 bytes.
 */
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import pg from 'pg'

const aboveTheLoad = { window: 1, max: 1_000_000 }
const origin = `http://127.0.0.1:${process.env.PORT}`

export const auth = betterAuth({
  baseURL: origin,
  secret: process.env.BETTER_AUTH_SECRET ?? '',
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL ?? '', max: 10 }),
  emailAndPassword: { enabled: true },
  rateLimit: {
    enabled: true,
    ...aboveTheLoad,
    customRules: { '/sign-in/email': aboveTheLoad, '/sign-up/email': aboveTheLoad, '/get-session': aboveTheLoad },
  },
  advanced: { ipAddress: { ipAddressHeaders: ['x-forwarded-for'] } },
})

await (await getMigrations(auth.options)).runMigrations()
const handle = toNodeHandler(auth)
const server = createServer((request, response) => {
  if (request.url === '/') response.end('ready')
  else handle(request, response)
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
