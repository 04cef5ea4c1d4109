/** Every snippet that can run on this machine is run, against a live server, the short form of the client libraries too. Nothing here runs C#. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  canonicalString,
  type LibraryCall,
  librarySnippets,
  memberLogin,
  operations,
  type SnippetRequest,
  type SnippetValue,
  signedNames,
  snippetLanguages,
  timeOfRun,
  tokenOfRun,
  unsignedFields,
} from '@lobbykey/contract'
import { matchSignature } from '../../../src/core/members/signature.ts'
import { sampleMerchant, sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { startTestGateway } from '../../support/gateway.ts'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))

interface Runner {
  readonly language: string
  readonly file: string
  readonly command: readonly string[]
}

const runners: readonly Runner[] = [
  { language: 'curl', file: 'call.sh', command: ['bash'] },
  { language: 'javascript', file: 'call.mjs', command: ['node'] },
  { language: 'python', file: 'call.py', command: ['python3'] },
  { language: 'php', file: 'call.php', command: ['php'] },
  { language: 'java', file: 'Call.java', command: ['java', '-XX:TieredStopAtLevel=1'] },
  { language: 'go', file: 'call.go', command: ['go', 'run'] },
]

const folder = mkdtempSync(join(tmpdir(), 'lobbykey-snippets-'))
const gateway = await startTestGateway()
gateway.clock.advance(Date.now() - gateway.clock.now())
const origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
after(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})

async function run(runner: Runner, request: SnippetRequest): Promise<string> {
  return (await runBoth(runner, request)).stdout
}

async function runBoth(runner: Runner, request: SnippetRequest): Promise<{ stdout: string; stderr: string }> {
  const source = snippetLanguages.find(({ id }) => id === runner.language)?.write(request) ?? ''
  const file = join(mkdtempSync(join(folder, 'run-')), runner.file)
  writeFileSync(file, source)
  const [command = '', ...options] = runner.command
  return promisify(execFile)(command, [...options, file], { timeout: 60_000 })
}

function loginRequest(fields: Record<string, SnippetValue>, signing: Partial<SnippetRequest['signing']> = {}): SnippetRequest {
  return {
    method: 'POST',
    url: `${origin}${memberLogin.path}`,
    fields: {
      agent_id: sampleMerchant.agentId,
      user_id: 'uid001',
      token: 'token-of-a-run',
      platform: 'h5',
      language: 'en-US',
      currency: 'VND2',
      timestamp: timeOfRun,
      ...fields,
    },
    signing: { algorithm: 'md5', key: sampleMerchant.key, unsigned: unsignedFields(memberLogin, 'unsigned'), ...signing },
    bearer: null,
  }
}

function sellerRequest(name: string, fields: Record<string, SnippetValue>, bearer: string | null): SnippetRequest {
  const operation = operations.find(({ id }) => id === `seller.${name}`)
  assert.ok(operation)
  return { method: operation.method, url: origin + operation.path, fields, signing: null, bearer }
}

const oddKey = `it's-a-"key"-of-$HOME`
const limits = { USD_101: '110101,110102,110103', VND_101: '110101,110102,110103', USD_102: '110201,110203,110204' }

// Each in a folder of its own and two languages at a time: a virtual machine or a compiler takes its seconds.
test('snippets', { concurrency: 2 }, async (context) => {
  for (const runner of runners) void context.test(runner.language, { skip: absence(runner) }, () => runAll(runner))
})

async function runAll(runner: Runner): Promise<void> {
  // A login with every field, and a token that needs quoting everywhere.
  const token = `t"o'k$e\`n\\%#{}${runner.language}`
  const callback = `${gateway.publicUrl}/merchant-home?a=$b&c='d'`
  const login = loginRequest({ token, game_code: '101-DYfsRc', callback, limits, custom_language: 'en-US>en-play' })
  const { stdout: loggedIn, stderr } = await runBoth(runner, login)
  // What it hashes, in the form that `lobbykey explain --text` takes.
  assert.match(stderr, /^KEY&agent_id=agent001&currency=VND2&game_code=101-DYfsRc&.*&user_id=uid001\r?\n/)
  assert.ok(!stderr.includes(sampleMerchant.key))
  assert.match(loggedIn, /"code":\s?200\b/, loggedIn)
  assert.match(loggedIn, /\/lobby\?agent_id=agent001/, loggedIn)

  const runs = [await run(runner, loginRequest({ token: tokenOfRun })), await run(runner, loginRequest({ token: tokenOfRun }))]
  const tokens = runs.map((answer) => /"token":\s?"([^"]+)"/.exec(answer)?.[1] ?? assert.fail(answer))
  assert.notEqual(tokens[0], tokens[1])
  assert.match(`${tokens}`, /^[\w-]{24,27},[\w-]{24,27}$/)

  const seller = await run(runner, sellerRequest('login', sampleSeller, null))
  const accessToken = /"accessToken":\s?"([^"]+)"/.exec(seller)?.[1]
  assert.ok(accessToken, seller)
  assert.ok((await run(runner, sellerRequest('me', {}, accessToken))).includes(sampleSeller.email))
  assert.match(await run(runner, sellerRequest('logout', {}, accessToken)), /"0000"/)

  const server = await startQueryChecker()
  try {
    const signing = { algorithm: 'hmac-sha256', key: oddKey, unsigned: ['callback'] } as const
    const fields = { agent_id: 'agent001', desc: 'a test & user', timestamp: timeOfRun, callback: 'https://a.example/?b=c' } as const
    const answer = await run(runner, { method: 'GET', url: server.url, fields, signing, bearer: null })
    assert.match(answer, /"isSigned":true/, answer)
  } finally {
    server.close()
  }
}

/** Says whether the query that it is sent carries a right HMAC-SHA256 signature. */
async function startQueryChecker() {
  const server = createServer((request, response) => {
    const fields = Object.fromEntries(new URL(request.url ?? '', 'http://localhost').searchParams)
    const canonical = canonicalString(fields, ['agent_id', 'desc', 'timestamp'])

    response.end(JSON.stringify({ isSigned: matchSignature(fields.sign ?? '', canonical, [oddKey], 'hmac-sha256') !== null }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() }
}

/** How a program with the library is run: where its package is found. */
const libraryRunners: readonly (Runner & { readonly cwd?: string; readonly prepare?: readonly string[] })[] = [
  { language: 'javascript', file: 'call.mjs', command: ['node'] },
  { language: 'python', file: 'call.py', command: ['/usr/bin/python3'] },
  { language: 'php', file: 'call.php', command: ['php', '-d', `include_path=${root}clients/php/src`] },
  {
    language: 'java',
    file: 'Call.java',
    prepare: ['javac', '-d', join(folder, 'classes'), ...globSync(`${root}clients/java/src/main/java/**/*.java`)],
    command: ['java', '-cp', join(folder, 'classes')],
  },
  { language: 'go', file: 'call.go', command: ['go', 'run'], cwd: `${root}clients/go` },
]

test('snippets of the client libraries', { concurrency: 2 }, async (context) => {
  for (const runner of libraryRunners) void context.test(runner.language, { skip: absence(runner) }, () => runLibrary(runner))
})

async function runLibrary({ language, file, command: [command = '', ...options], cwd = root, prepare }: (typeof libraryRunners)[number]) {
  if (prepare !== undefined) execFileSync(prepare[0] ?? '', prepare.slice(1))
  // JavaScript finds packages from where its file is.
  const place = mkdtempSync(join(language === 'javascript' ? `${root}node_modules` : folder, '.run-'))
  const ask = async (call: Omit<LibraryCall, 'baseUrl'>) => {
    writeFileSync(join(place, file), librarySnippets[language]?.write({ baseUrl: origin, ...call }) ?? '')
    const env = { ...process.env, PYTHONPATH: `${root}clients/python` }
    return (await promisify(execFile)(command, [...options, join(place, file)], { cwd, env, timeout: 60_000 })).stdout
  }
  try {
    const merchant = { agentId: sampleMerchant.agentId, key: sampleMerchant.key }
    const callback = `${gateway.publicUrl}/merchant-home?a=$b&c='d'`
    const fields = { user_id: 'uid001', platform: 'h5', language: 'en-US', currency: 'VND2', game_code: '101-DYfsRc', callback, limits }
    assert.match(await ask({ operationId: 'member.login', options: merchant, fields }), /\/lobby\?agent_id=agent001/)
    const refused = ask({
      operationId: 'member.logout',
      options: { ...merchant, key: oddKey, algorithm: 'hmac-sha256', callback: 'signed' },
      fields: { user_id: 'uid001' },
    })
    await assert.rejects(refused, /600100/)
    assert.match(await ask({ operationId: 'member.game_list', options: merchant, fields: {} }), /\b101\b/)
    assert.ok((await ask({ operationId: 'seller.me', options: sampleSeller, fields: {} })).includes(sampleSeller.email))
    assert.match(await ask({ operationId: 'seller.refresh', options: sampleSeller, fields: {} }), /eyJ/)
    await ask({ operationId: 'seller.logout', options: sampleSeller, fields: {} })
  } finally {
    rmSync(place, { recursive: true })
  }
}

/** False when the language can run here. */
function absence({ command: [command = ''] }: Runner): string | false {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return false
  } catch {
    return `${command} is not on this machine`
  }
}

test('the snippets and the server sign the same names', () => {
  const unsigned = unsignedFields(memberLogin, 'unsigned')
  const signed = signedNames(memberLogin, 'unsigned')
  assert.deepEqual([...unsigned, ...signed].sort(), Object.keys(memberLogin.schema.properties).sort())
})
