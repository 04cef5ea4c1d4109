/**
 * Enforces ARCHITECTURE.md, "Who may import whom": fails on a forbidden or circular import; on a clock, a source of randomness or an environment
 * variable read outside its one place; on an outbound connection; and on a secret compared in variable time. Ignores block comments, and line
 * comments that begin a line.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** The rooms of the core and what each may import besides the store's interfaces and the contract. Members and sellers never import each other. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  limits: ['base'],
  records: ['base'],
  merchants: ['base'],
  brands: ['base', 'merchants'],
  catalogue: ['base'],
  services: ['base', 'limits'],
  tokens: ['base', 'records'],
  passwords: ['base'],
  members: ['base', 'limits', 'records', 'merchants', 'catalogue'],
  'member-sessions': ['base', 'limits', 'records', 'merchants', 'catalogue', 'members'],
  sellers: ['base', 'services', 'tokens', 'passwords'],
  operators: ['base', 'passwords'],
  explain: ['base', 'limits', 'merchants', 'members'],
}
const core = Object.keys(rooms)

/** The composition root wires everything but the command line. */
const gateway = [
  'config',
  'wiring',
  ...core,
  'limit-keepers',
  'store',
  'store interfaces',
  'contract',
  'app',
  'admin-app',
  'admin-api',
  'operations',
  'metrics',
  'telemetry',
  'http',
  'seller-api',
  'member-api',
  'verify-api',
  'pages',
  'sandbox',
]

/** Parts of the source by path, most specific first, and the parts that each may import beside itself. */
const parts: readonly { path: string; name: string; mayImport: readonly string[] }[] = [
  { path: 'packages/contract/src/', name: 'contract', mayImport: [] },
  { path: 'packages/client/src/', name: 'client', mayImport: ['contract'] },
  { path: 'packages/console/src/', name: 'console', mayImport: ['client', 'contract'] },
  // Measures the gateway from outside, by its command line and its ports.
  { path: 'bench/', name: 'bench', mayImport: ['client', 'contract'] },
  { path: 'packages/server/src/main.ts', name: 'main', mayImport: ['cli', 'config', 'base'] },
  { path: 'packages/server/src/gateway.ts', name: 'gateway', mayImport: gateway },
  { path: 'packages/server/src/admin-listener.ts', name: 'gateway', mayImport: gateway },
  { path: 'packages/server/src/operations/', name: 'operations', mayImport: ['wiring', ...core, 'store interfaces', 'contract'] },
  {
    path: 'packages/server/src/metrics/',
    name: 'metrics',
    mayImport: ['base', 'records', 'merchants', 'tokens', 'passwords', 'store interfaces', 'contract'],
  },
  { path: 'packages/server/src/telemetry/', name: 'telemetry', mayImport: ['base', 'contract'] },
  { path: 'packages/server/src/call-records.ts', name: 'wiring', mayImport: [...core, 'store interfaces'] },
  { path: 'packages/server/src/seller-services.ts', name: 'wiring', mayImport: [...core, 'store interfaces'] },
  { path: 'packages/server/src/operator-services.ts', name: 'wiring', mayImport: [...core, 'store interfaces'] },
  { path: 'packages/server/src/recovery-services.ts', name: 'wiring', mayImport: [...core, 'store interfaces'] },
  { path: 'packages/server/src/session-services.ts', name: 'wiring', mayImport: [...core, 'store interfaces'] },
  {
    path: 'packages/server/src/cli/',
    name: 'cli',
    mayImport: [
      'client',
      'gateway',
      'operations',
      'metrics',
      'telemetry',
      'wiring',
      'sandbox',
      'config',
      ...core,
      'limit-keepers',
      'store',
      'database-url',
      'store interfaces',
      'contract',
    ],
  },
  {
    path: 'packages/server/src/sandbox/',
    name: 'sandbox',
    mayImport: ['config', 'base', 'merchants', 'members', 'sellers', 'store interfaces', 'contract', 'pages'],
  },
  { path: 'packages/server/src/limit-keepers/', name: 'limit-keepers', mayImport: ['base', 'limits', 'store interfaces'] },
  { path: 'packages/server/src/config/', name: 'config', mayImport: ['base', 'database-url', 'contract'] },
  {
    path: 'packages/server/src/http/app.ts',
    name: 'app',
    mayImport: ['http', 'seller-api', 'member-api', 'verify-api', 'pages', 'base', 'brands', 'contract'],
  },
  {
    path: 'packages/server/src/http/admin-app.ts',
    name: 'admin-app',
    mayImport: ['http', 'admin-api', 'pages', 'base', 'contract'],
  },
  {
    path: 'packages/server/src/http/admin-api/',
    name: 'admin-api',
    mayImport: ['http', 'wiring', 'operations', 'base', 'limits', 'records', 'operators', 'store interfaces', 'contract'],
  },
  {
    path: 'packages/server/src/http/seller-api/',
    name: 'seller-api',
    mayImport: ['http', 'wiring', 'base', 'records', 'tokens', 'sellers', 'store interfaces', 'contract'],
  },
  {
    path: 'packages/server/src/http/member-api/',
    name: 'member-api',
    mayImport: ['http', 'base', 'limits', 'records', 'members', 'store interfaces', 'contract'],
  },
  {
    path: 'packages/server/src/http/verify-api/',
    name: 'verify-api',
    mayImport: ['http', 'wiring', 'base', 'records', 'catalogue', 'services', 'tokens', 'member-sessions', 'store interfaces', 'contract'],
  },
  {
    path: 'packages/server/src/http/pages/',
    name: 'pages',
    mayImport: ['http', 'base', 'brands', 'limits', 'member-sessions', 'explain', 'store interfaces', 'contract'],
  },
  { path: 'packages/server/src/http/', name: 'http', mayImport: ['base', 'tokens', 'services', 'contract'] },
  { path: 'packages/server/src/core/base/clock.ts', name: 'clock', mayImport: [] },
  { path: 'packages/server/src/core/base/random.ts', name: 'random', mayImport: [] },
  { path: 'packages/server/src/core/base/histogram.ts', name: 'histogram', mayImport: [] },
  { path: 'packages/server/src/core/base/spans.ts', name: 'spans', mayImport: [] },
  ...Object.entries(rooms).map(([name, others]) => ({
    path: `packages/server/src/core/${name}/`,
    name,
    mayImport: [...others, 'store interfaces', 'contract'],
  })),
  { path: 'packages/server/src/store/database-url.ts', name: 'database-url', mayImport: [] },
  { path: 'packages/server/src/store/store.ts', name: 'store interfaces', mayImport: ['contract'] },
  { path: 'packages/server/src/store/interfaces/', name: 'store interfaces', mayImport: ['contract'] },
  { path: 'packages/server/src/store/', name: 'store', mayImport: ['database-url', 'store interfaces', 'contract'] },
]

/** Modules that every part of the server may import. */
const everyone = ['clock', 'random', 'histogram', 'spans']

/** Libraries with one home. */
const homes: Readonly<Record<string, readonly string[]>> = {
  fastify: ['app', 'admin-app', 'admin-api', 'http', 'seller-api', 'member-api', 'verify-api', 'pages', 'gateway', 'limit-keepers'],
  '@fastify/http-proxy': ['verify-api'],
  pino: ['cli'],
  'prom-client': ['metrics'],
  // `spans` has types of it only.
  '@opentelemetry/api': ['telemetry', 'spans'],
  '@opentelemetry/sdk-trace': ['telemetry'],
  ioredis: ['limit-keepers'],
  kysely: ['store'],
  pg: ['store', 'bench'],
  'node:sqlite': ['store', 'bench'],
  commander: ['cli'],
  yaml: ['cli'],
  typebox: ['contract', 'seller-api'],
  jose: ['tokens', 'client'],
  'openid-client': ['operators'],
  react: ['console'],
  '@node-rs/argon2': ['passwords', 'bench'],
}

/** Things that only one file of the server may do. */
const onlyIn: readonly { what: string; pattern: RegExp; file: string }[] = [
  { what: 'process.env', pattern: /\bprocess\.env\b/, file: 'packages/server/src/config/read-env.ts' },
  { what: 'the clock', pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\()/, file: 'packages/server/src/core/base/clock.ts' },
  {
    what: 'randomness',
    pattern: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|FillSync|Fill)\b|\bgetRandomValues\b/,
    file: 'packages/server/src/core/base/random.ts',
  },
]

/** Where a presented value is compared with a secret, and how often: in constant time, so that timing reveals nothing. */
const secretComparisons: Readonly<Record<string, number>> = {
  'packages/server/src/core/members/signature.ts': 1,
  'packages/server/src/core/member-sessions/session-handle.ts': 1,
  'packages/server/src/core/operators/challenges.ts': 1,
  'packages/server/src/core/operators/totp.ts': 1,
  'packages/server/src/core/passwords/foreign-hash.ts': 1,
  'packages/server/src/core/services/service-registry.ts': 2,
}

/** Other comparisons of bytes: both sides are digests of random tokens, found by an index before. */
const plainComparisons = [
  // Hashes of tokens that both logged in: whether a merchant makes fresh ones.
  'packages/server/src/core/records/conduct-log.ts',
  // Digests of stored events, compared with stored seals.
  'packages/server/src/core/records/verify-events.ts',
  'packages/server/src/core/records/store-recovery.ts',
  'packages/server/src/store/sql/idempotent-answers.ts',
  'packages/server/src/store/sql/login-under-terms.ts',
  'packages/server/src/store/sql/seller-sessions.ts',
]

/**
 * What makes outbound connections or DNS queries: only to addresses set by an operator, never to one from a partner or stranger, so that nobody can
 * point this server at an internal address (check 65). The drivers of the store and Redis have homes above.
 */
const outbound = [
  'packages/server/src/http/verify-api/upstream-client.ts',
  'packages/server/src/telemetry/send-spans.ts',
  'packages/server/src/store/postgres-servers.ts',
  // The provider of single sign-on, and the endpoints that its metadata name.
  'packages/server/src/core/operators/sso/provider-fetch.ts',
  // SEALS_URL.
  'packages/server/src/core/records/seal-destinations.ts',
  'packages/server/src/cli/serve-checks.ts',
  'packages/server/src/cli/doctor/network-checks.ts',
  // Scripts of pages, which call this server itself.
  'packages/server/src/http/pages/hand-over.ts',
  'packages/server/src/http/pages/reset.ts',
]
const connects =
  /(?<![.\w])fetch\(|\bfrom 'undici'|import \{[^}]*\b(?:connect|request|get|lookup|resolve\w*|createSocket)\b[^}]*\} from 'node:(?:https?|http2|net|tls|dns|dns\/promises|dgram)'/

const files = [...globSync('packages/*/src/**/*.{ts,tsx}'), ...globSync('bench/**/*.ts', { exclude: ['bench/node_modules/**'] })].sort()
const imports = new Map<string, string[]>()
const problems: string[] = []

for (const file of files) {
  const source = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
  for (const { what, pattern, file: home } of onlyIn) {
    if (file.startsWith('packages/server/') && file !== home && pattern.test(source)) problems.push(`${file}: only ${home} may use ${what}`)
  }
  if (file.startsWith('packages/server/') && connects.test(source) !== outbound.includes(file)) {
    problems.push(`${file}: what connects to elsewhere is listed in scripts/check-imports.ts, with where its addresses come from`)
  }
  checkComparisons(file, source)
  imports.set(file, checkImports(file, source))
}
for (const file of files) findCircle(file)
checkArchitecture()

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`imports: ${files.length} files in order`)

/** Reports forbidden imports, and returns our files that this one imports. */
function checkImports(file: string, source: string): string[] {
  const part = partOf(file)
  if (part === undefined) problems.push(`${file}: belongs to no part; see scripts/check-imports.ts`)
  const ours: string[] = []
  for (const match of source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)) {
    const specifier = match[1] ?? ''
    const target = resolveOurs(file, specifier)
    const home = homes[specifier.replace(/^((?:@[^/]+\/)?[^/]+).*$/, '$1')] ?? homes[specifier]
    if (target === null) {
      if (home !== undefined && part !== undefined && !home.includes(part.name)) {
        problems.push(`${file}: ${specifier} belongs in ${home.join(', ')}`)
      }
      continue
    }
    if (!existsSync(target)) problems.push(`${file}: imports ${target}, which is not there`)
    const other = partOf(target)
    if (
      part !== undefined &&
      other !== undefined &&
      other.name !== part.name &&
      !everyone.includes(other.name) &&
      !part.mayImport.includes(other.name)
    ) {
      problems.push(`${file}: ${part.name} may not import ${other.name} (${target})`)
    }
    ours.push(target)
  }
  return ours
}

function checkComparisons(file: string, source: string): void {
  const count = source.match(/\btimingSafeEqual\(/g)?.length ?? 0
  const expected = secretComparisons[file] ?? 0
  if (count !== expected) {
    problems.push(
      `${file}: timingSafeEqual is called ${count} times, not ${expected}; what compares secrets is in scripts/check-imports.ts`,
    )
  }
  if (file.startsWith('packages/server/') && !plainComparisons.includes(file) && /\.equals\(|\bBuffer\.compare\(/.test(source)) {
    problems.push(`${file}: bytes are compared by timingSafeEqual, or named in scripts/check-imports.ts as no secret`)
  }
}

function partOf(file: string) {
  return parts.find(({ path }) => file.startsWith(path))
}

function resolveOurs(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return relative('.', join(dirname(file), specifier))
  if (specifier === '@lobbykey/contract') return 'packages/contract/src/index.ts'
  if (specifier === '@lobbykey/contract/admin') return 'packages/contract/src/admin/index.ts'
  if (specifier === 'lobbykey-client/admin') return 'packages/client/src/admin/index.ts'
  return null
}

/** Depth-first search; meeting a file again on the current path closes a circle. Each circle is reported once, from its first file. */
function findCircle(start: string, path: readonly string[] = [start], visited = new Set<string>()): void {
  for (const next of imports.get(path.at(-1) ?? start) ?? []) {
    if (next === start && start === [...path].sort()[0]) problems.push(`circular import: ${[...path, start].join(' → ')}`)
    if (visited.has(next) || next === start) continue
    visited.add(next)
    findCircle(start, [...path, next], visited)
  }
}

/** The table of rooms in ARCHITECTURE.md says the same. */
function checkArchitecture(): void {
  const table = new Map(
    [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| `([a-z-]+)` \|[^|]*\|([^|]*)\|$/gm)].map(([, room, others]) => [
      room,
      others?.trim(),
    ]),
  )
  for (const [room, others] of Object.entries(rooms)) {
    if (table.get(room) !== others.join(', '))
      problems.push(`ARCHITECTURE.md: the table of rooms must give \`${room}\` as ${others.join(', ')}`)
  }
}
