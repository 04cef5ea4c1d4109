/**
 * `npm run clients` writes the client libraries' data from the contract, and the release's version; with `--check` it only reports which are out of
 * date, and fails.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { goContract } from './clients/go.ts'
import { javaContract } from './clients/java.ts'
import { phpFile } from './clients/php.ts'
import { pythonContract } from './clients/python.ts'
import { typescriptContract } from './clients/typescript.ts'

const isCheck = process.argv.includes('--check')

const { valid } = JSON.parse(readFileSync('packages/contract/test/vectors.json', 'utf8')) as { valid: Record<string, unknown>[] }
const { key, fields, canonical, md5, hmacSha256 } = valid[0] as Record<string, object>
/** `text` is hashed; the HMAC covers what follows its first `&`. */
const vector = { key, fields, text: canonical, digests: { md5, 'hmac-sha256': hmacSha256 } }

/** The clients are released with the server, under its version. */
const { version } = JSON.parse(readFileSync('packages/server/package.json', 'utf8')) as { version: string }

const written: Readonly<Record<string, () => string>> = {
  'packages/client/src/generated/contract.ts': () => formatted(typescriptContract(vector)),
  'clients/php/src/Lobbykey.php': () => phpFile(readFileSync('clients/php/src/Lobbykey.php', 'utf8'), vector),
  'clients/go/contract.go': () => goContract(vector as never),
  'clients/java/src/main/java/io/lobbykey/Contract.java': () => javaContract(vector as never),
  'clients/python/lobbykey/_contract.py': () => pythonContract(vector),
  'clients/php/composer.json': () => withVersion('clients/php/composer.json', /(?<="version": ")[^"]+/),
  'clients/python/pyproject.toml': () => withVersion('clients/python/pyproject.toml', /(?<=^version = ")[^"]+/m),
  'clients/java/pom.xml': () => withVersion('clients/java/pom.xml', /(?<=<version>)[^<]+/),
  'packages/client/README.md': () => withVersion('packages/client/README.md', /(?<=lobbykey-client-)[^\s]+(?=\.tgz)/),
  // A licence goes with what is copied, packed or installed by itself. Go takes the repository's.
  'clients/php/LICENSE': licence,
  'clients/python/LICENSE': licence,
  'clients/java/LICENSE': licence,
  'clients/java/README.md': () => withVersion('clients/java/README.md', /(?<=<version>)[^<]+/),
}

for (const [path, write] of Object.entries(written)) {
  const text = write()
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  if (isCheck) {
    console.error(`${path} is not in step with the contract: run npm run clients`)
    process.exitCode = 1
  } else {
    writeFileSync(path, text)
    console.log(`${path} written`)
  }
}

function licence(): string {
  return readFileSync('LICENSE', 'utf8')
}

function withVersion(path: string, place: RegExp): string {
  return readFileSync(path, 'utf8').replace(place, version)
}

function formatted(source: string): string {
  const { stdout, status, stderr } = spawnSync('biome', ['format', '--stdin-file-path=contract.ts'], { input: source, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
