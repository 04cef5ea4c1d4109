/** `npm run build -w lobbykey-client`: plain JavaScript with types in dist/, which is what is published. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { rolldown } from 'rolldown'

const folder = import.meta.dirname
const dist = join(folder, 'dist')
const entries = ['admin', 'merchant', 'seller', 'verify']

interface Source {
  readonly name: string
  readonly description: string
  readonly license: string
  readonly repository: { readonly url: string }
  readonly devDependencies: { readonly jose: string }
}

rmSync(dist, { recursive: true, force: true })
await writeCode()
writeTypes()
writePackage()

/** Everything bundled but `jose`, which /verify alone needs. */
async function writeCode(): Promise<void> {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(folder, `src/${name}/index.ts`)])),
    external: ['jose', /^node:/],
    platform: 'neutral',
    transform: { target: 'es2022' },
  })
  await bundle.write({ dir: dist, format: 'esm', chunkFileNames: 'shared-[hash].js' })
}

function writeTypes(): void {
  execFileSync('tsc', ['-p', join(folder, 'tsconfig.build.json')], { stdio: 'inherit' })
  const types = join(dist, 'types')
  for (const name of globSync('**/*.d.ts', { cwd: types })) {
    const file = join(types, name)
    const contract = relative(dirname(file), join(types, 'contract/src'))
    const text = readFileSync(file, 'utf8')
      .replaceAll("'@lobbykey/contract/admin'", `'${contract}/admin/index.js'`)
      .replaceAll("'@lobbykey/contract'", `'${contract}/index.js'`)
      .replace(/(from |import\()(['"]\.[^'"]*)\.ts(['"])/g, '$1$2.js$3')
    writeFileSync(file, text)
  }
}

function writePackage(): void {
  const source = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Source
  const { name, description, license, repository, devDependencies } = source
  // Released with the server, under its version.
  const { version } = JSON.parse(readFileSync(join(folder, '../server/package.json'), 'utf8')) as { version: string }
  const exports = Object.fromEntries(
    entries.map((entry) => [`./${entry}`, { types: `./types/client/src/${entry}/index.d.ts`, default: `./${entry}.js` }]),
  )
  const published = {
    name,
    version,
    description,
    license,
    repository,
    type: 'module',
    engines: { node: '>=20' },
    sideEffects: false,
    exports,
    // /verify checks with jose; the types of /admin are typebox's.
    peerDependencies: { jose: `^${devDependencies.jose}`, typebox: '^1.4.3' },
    peerDependenciesMeta: { jose: { optional: true }, typebox: { optional: true } },
  }
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  copyFileSync(join(folder, '../../LICENSE'), join(dist, 'LICENSE'))
  // On npm there is no repository around the page.
  const pages = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/HEAD/`
  writeFileSync(join(dist, 'README.md'), readFileSync(join(folder, 'README.md'), 'utf8').replaceAll('](../../', `](${pages}`))
}
