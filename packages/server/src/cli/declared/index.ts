import { appendFileSync, closeSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { GatewayError, parameterError } from '@lobbykey/contract'
import type { Declaration, DeclaredBrand } from '@lobbykey/contract/admin'
import { parseLabel } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readVariable } from '../../config/read-env.ts'
import { readSecretFile } from '../../config/secrets.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from '../command-context.ts'
import { confirm } from '../confirm.ts'
import { Ended, outOfStepCode } from '../exit-codes.ts'
import { allItems, type OperationRunner, withOperations } from '../operate.ts'
import { readInput, readTextFile } from '../read-input.ts'
import { readLogoFile } from '../read-logo-file.ts'
import { type Change, makePlan, requireSecretsFile } from './plan.ts'
import { readDeclaration } from './read-declaration.ts'

interface ApplyOptions extends CommonOptions {
  file: string
  dryRun?: true
  yes?: true
  label?: { name: string; value: string }
  prune?: true
  secrets?: string
}

/** `lobbykey apply` and `lobbykey export` */
export function addDeclaredVerbs(program: Command, context: CommandContext): void {
  addVerb(program, 'apply', 'Applies a declaration of merchants, services, brands and the catalogue; leaves alone what it does not name.')
    .requiredOption('-f, --file <file>', 'YAML or JSON, as from `lobbykey export`; - for standard input')
    .option('--dry-run', `only show the difference; exit code ${outOfStepCode} if there is one`)
    .option('--label <name=value>', 'label to set on everything that the file declares', parseOneLabel)
    .option('--prune', 'remove what has the label but is not declared; merchants that were ever used are disabled instead')
    .option('--secrets <file>', 'file for new keys and secrets, one JSON object per line')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nValidates everything first, then changes each merchant and service in its own transaction.\nExample: lobbykey apply -f partners.yaml --dry-run',
    )
    .action((options: ApplyOptions) => withOperations(context, (runner) => apply(context, runner, options)))

  addVerb(program, 'export', 'Exports merchants, services and brands, without secrets, as a file for apply.')
    .addOption(new Option('--form <form>', 'file format').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', '\nExample: lobbykey export > partners.yaml')
    .action(({ form, ...options }: CommonOptions & { form: 'yaml' | 'json' }) =>
      withOperations(context, async (runner) => {
        const declaration = await declare(runner)
        if (options.json) print(context, options, declaration, [])
        else context.output.write(form === 'yaml' ? await yamlOf(declaration) : `${JSON.stringify(declaration, null, 2)}\n`)
      }),
    )
}

async function apply(context: CommandContext, runner: OperationRunner, options: ApplyOptions): Promise<void> {
  const { file, label = null, prune = false, dryRun = false, secrets } = options
  if (prune && label === null) throw parameterError('--prune', 'requires --label: only things with that label are removed')
  const declaration = await readDeclaration(file === '-' ? await readInput(context) : await readTextFile(file))
  const changes = await makePlan(runner, declaration, {
    label,
    prune,
    readSecret: (source) => readSource(context, source),
    readLogo: (path) => readLogoFile(beside(file, path)),
    catalogue: await readCatalogue(declaration, file),
  })
  const plan = changes.map(({ action, noun, id, fields }) => ({ action, noun, id, ...(fields === undefined ? {} : { fields }) }))
  if (changes.length === 0) return print(context, options, { changes: [], applied: false }, ['Everything is up to date.'])
  if (dryRun) {
    print(context, options, { changes: plan, applied: false }, [...linesOf(changes), 'Dry run: nothing was changed.'])
    throw new Ended(outOfStepCode)
  }
  requireSecretsFile(changes, secrets)
  if (!options.yes && !options.json) print(context, options, null, linesOf(changes))
  await confirm(context, options, changes.length === 1 ? 'This will be changed.' : `These ${changes.length} things will be changed.`)
  const keep = secrets === undefined ? () => {} : secretsFile(secrets)
  for (const [index, change] of changes.entries()) {
    const secret = await change.run(runner).catch((error: unknown) => {
      throw withPlace(error, change, index, changes.length)
    })
    if (secret !== null) keep(secret)
  }
  const end = changes.length === 1 ? 'One thing was changed.' : `${changes.length} things were changed.`
  print(context, options, { changes: plan, applied: true }, [...(options.yes ? linesOf(changes) : []), end])
}

/** Reports the progress: changes made are kept, and applying again continues from there. */
function withPlace(error: unknown, { noun, id }: Change, index: number, count: number): unknown {
  if (!(error instanceof GatewayError)) return error
  const place = id === null ? noun : `${noun} ${id}`
  const message = `${place}: ${error.details.message ?? error.key}; ${index} of ${count} changes were made before it`
  return new GatewayError(error.key, { ...error.details, message }, error)
}

/** Each secret is on the disk before the next is made. @throws GatewayError invalid_parameter */
function secretsFile(path: string): (secret: object) => void {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    throw parameterError('--secrets', `cannot be written (${(error as Error).message})`)
  }
  return (secret) => appendFileSync(path, `${JSON.stringify(secret)}\n`, { flush: true })
}

async function readSource(context: CommandContext, source: string): Promise<string> {
  const [kind, name] = [source.slice(0, source.indexOf(':')), source.slice(source.indexOf(':') + 1)]
  if (kind === 'env') {
    const value = readVariable(context.env, name)
    if (value === null) throw parameterError(source, 'is not set')
    return value
  }
  try {
    return readSecretFile(name)
  } catch (error) {
    throw parameterError(source, `cannot be read (${(error as Error).message})`)
  }
}

async function readCatalogue({ catalogue }: Declaration, file: string) {
  if (catalogue === null) return null
  const text = await readTextFile(beside(file, catalogue))
  return { form: /\.csv$/i.test(catalogue) ? ('csv' as const) : ('json' as const), text }
}

/** A path as a declaration means it. */
function beside(file: string, path: string): string {
  return resolve(file === '-' ? '.' : dirname(file), path)
}

async function declare({ run }: OperationRunner): Promise<Omit<Declaration, 'catalogue'>> {
  const merchants = await allItems((cursor) => run('merchant.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
  const services = await allItems((cursor) => run('service.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
  const brands: Record<string, DeclaredBrand> = {}
  for (const { agentId } of await allItems((cursor) => run('brand.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))) {
    const { title, accentColor, headerColor, supportUrl, logo } = await run('brand.show', { agentId })
    brands[agentId] = { title, accentColor, headerColor, supportUrl, logo: logo?.data ?? null }
  }
  return {
    merchants: Object.fromEntries(
      merchants.map(({ agentId, createdAt: _c, updatedAt: _u, clock: _k, keys: _keys, warnings: _w, ...declared }) => [agentId, declared]),
    ),
    services: Object.fromEntries(services.map(({ serviceId, status, labels }) => [serviceId, { status, labels }])),
    brands,
  }
}

async function yamlOf(declaration: object): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(declaration)
}

const signs = { add: '+', update: '~', replace: '~', enable: '~', disable: '~', delete: '-' } as const

function linesOf(changes: readonly Change[]): string[] {
  return changes.map(({ action, noun, id, fields }) => {
    const name = id === null ? noun : `${noun} ${id}`
    const status = action === 'enable' || action === 'disable' ? `: ${action}d` : ''
    const texts = Object.entries(fields ?? {}).map(
      ([field, { before, after }]) => `${field} ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    )
    return `${signs[action]} ${name}${status}${texts.length === 0 ? '' : `: ${texts.join(', ')}`}`
  })
}

function parseOneLabel(text: string): { name: string; value: string } {
  const label = parseLabel(text)
  if (label === null) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return label
}
