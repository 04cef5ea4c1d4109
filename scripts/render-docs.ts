/**
 * Generates the parts of documents between `<!-- begin NAME -->` and `<!-- end NAME -->`. `npm run docs` writes them; `npm run check` and a
 * test fail when one is out of date.
 */
import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import {
  type CatalogueEntry,
  catalogue,
  memberLogin,
  type Retry,
  type SignedCall,
  sellerLogin,
  sellerPassword,
  sellerPasswordReset,
  sellerRefresh,
  signedCalls,
} from '@lobbykey/contract'
import { adminOperation, adminOperationNames, roles } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { exitCodes } from '../packages/server/src/cli/exit-codes.ts'
import { buildProgram } from '../packages/server/src/cli/program.ts'
import { commandOnlySettings, type SettingDefinition, settingDefinitions } from '../packages/server/src/config/settings.ts'
import { metricList } from '../packages/server/src/metrics/metric-list.ts'
import { fixtureLines } from '../packages/server/src/sandbox/fixtures.ts'
import { conformanceTable, lineTable } from './render-clients.ts'

/** Text of a part, by document and name. */
export const generatedParts: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/errors.md': {
    'seller errors': () => errorTable('sellerCode', 'sellerText'),
    'member errors': () => errorTable('memberCode', 'memberText'),
    'service errors': serviceErrorTable,
    'operator errors': operatorErrorTable,
  },
  'docs/configuration.md': { settings: settingsTable },
  'docs/metrics.md': { metrics: metricTable },
  'docs/command-line.md': { 'exit codes': exitCodeTable, commands: commandReference },
  'docs/sandbox.md': { fixtures: fixtureTable },
  'docs/signing.md': { vectors: vectorExamples },
  'docs/clients.md': { conformance: conformanceTable, lines: lineTable },
  'docs/admin-api.md': { roles: roleTable, operations: operationTable },
  'docs/contract/member-login.md': { 'fields login': () => signedFieldTable(memberLogin) },
  'docs/contract/member-lifecycle.md': Object.fromEntries(
    signedCalls.filter((call) => call !== memberLogin).map((call) => [`fields ${call.name}`, () => signedFieldTable(call)]),
  ),
  'docs/contract/seller-login.md': {
    'fields seller login': () => fieldTable(sellerLogin),
    'fields seller refresh': () => fieldTable(sellerRefresh),
    'fields seller password': () => fieldTable(sellerPassword),
    'fields seller reset': () => fieldTable(sellerPasswordReset),
  },
}

/** The document with regenerated parts. @throws Error if a part has no place in it */
export function renderDocument(path: string, text: string): string {
  let rendered = text
  for (const [name, render] of Object.entries(generatedParts[path] ?? {})) {
    const [begin, end] = [`<!-- begin ${name} -->\n`, `<!-- end ${name} -->`]
    const [from, to] = [rendered.indexOf(begin), rendered.indexOf(end)]
    if (from === -1 || to < from) throw new Error(`${path} has no place for "${name}"`)
    rendered = `${rendered.slice(0, from)}${begin}\n${render().trimEnd()}\n\n${rendered.slice(to)}`
  }
  return rendered
}

const retryTexts: Readonly<Record<Retry, string>> = {
  fix: 'after correcting the request',
  later: 'yes, later',
  login: 'log in again',
  no: 'no',
}

const entries = Object.entries(catalogue) as [string, CatalogueEntry][]

function errorTable(code: 'sellerCode' | 'memberCode', text: 'sellerText' | 'memberText'): string {
  const rows = entries
    .filter(([, entry]) => entry[code] !== undefined)
    .sort(([, a], [, b]) => String(a[code]).localeCompare(String(b[code])))
    .map(([key, entry]) => {
      const status = code === 'memberCode' && !entry.memberStatusIsReal ? `200 (${entry.http})` : String(entry.http)
      return [`\`${entry[code]}\``, status, entry[text] ?? '', entry.cause, entry.cure, retryTexts[entry.retry], `\`${key}\``]
    })
  return table(['code', 'HTTP', 'text', 'when', 'what to do', 'retry?', 'key'], rows)
}

function serviceErrorTable(): string {
  const rows = entries
    .filter(([, entry]) => entry.oauthError !== undefined)
    .sort(([, a], [, b]) => a.http - b.http)
    .map(([key, { oauthError, http, cause, cure }]) => [`\`${oauthError}\``, String(http), cause, cure, `\`${key}\``])
  return table(['error', 'HTTP', 'when', 'what to do', 'key'], rows)
}

function operatorErrorTable(): string {
  const rows = entries
    .filter(([, entry]) => entry.sellerCode === undefined && entry.memberCode === undefined && entry.oauthError === undefined)
    .map(([key, entry]) => [`\`${key}\``, entry.cause, entry.cure])
  return table(['key', 'when', 'what to do'], rows)
}

function settingsTable(): string {
  const rows = [...(Object.values(settingDefinitions) as SettingDefinition<unknown>[]), ...commandOnlySettings].map((definition) => {
    const { variable, meaning, form, fallback, sandboxDefault, secret } = definition
    const standard = definition.default === null ? (fallback ?? '') : definition.default === '' ? 'empty' : `\`${definition.default}\``
    const names = secret ? `\`${variable}\` or \`${variable}_FILE\`` : `\`${variable}\``
    return [names, meaning, form, sandboxDefault === undefined ? standard : `${standard}; sandbox \`${sandboxDefault}\``]
  })
  return table(['variable', 'meaning', 'form', 'default'], rows)
}

function metricTable(): string {
  const rows = metricList.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(' '),
    help,
  ])
  return table(['name', 'type', 'labels', 'meaning'], rows)
}

function fixtureTable(): string {
  return fixtureLines().join('\n')
}

function roleTable(): string {
  return table(
    ['role', 'for', 'rights'],
    Object.entries(roles).map(([role, { title, rights }]) => [`\`${role}\``, title, rights.map((right) => `\`${right}\``).join(' ')]),
  )
}

function operationTable(): string {
  const rows = adminOperationNames.map((name) => {
    const { method, path, summary, right, fieldRights = {}, isConfirmed, isForPeople } = adminOperation(name)
    const more = Object.entries(fieldRights).map(([field, fieldRight]) => `, with \`${field}\` also \`${fieldRight}\``)
    return [
      `\`${method} ${path}\``,
      summary,
      `\`${right}\`${more.join('')}${isConfirmed ? ', confirmed' : ''}${isForPeople ? ', no token' : ''}`,
    ]
  })
  return table(['call, below /admin/api/v1', 'effect', 'right'], rows)
}

function exitCodeTable(): string {
  return table(
    ['exit code', 'meaning'],
    Object.entries(exitCodes).map(([code, meaning]) => [code, meaning]),
  )
}

const program = await buildProgram({
  env: {},
  clock: { now: () => 0 },
  input: Readable.from([]),
  output: new Writable(),
  errorOutput: new Writable(),
  untilSignal: async () => {},
})

/** Every command's help at 100 columns, without the exit codes. */
function commandReference(): string {
  return leaves(program)
    .map((verb) => {
      verb.configureHelp({ helpWidth: 100 })
      const words = verb.parent === program ? verb.name() : `${verb.parent?.name()} ${verb.name()}`
      return `### lobbykey ${words}\n\n\`\`\`text\n${verb.helpInformation().trimEnd()}\n\`\`\`\n`
    })
    .join('\n')
}

function leaves(command: Command): Command[] {
  return command.commands.flatMap((child) => (child.commands.length === 0 ? [child] : leaves(child)))
}

interface Vector {
  name: string
  key: string
  fields: Record<string, unknown>
  excluded: string[]
  canonical: string
  md5: string
  hmacSha256: string
}

function vectorExamples(): string {
  const file = new URL('../packages/contract/test/vectors.json', import.meta.url)
  const { valid } = JSON.parse(readFileSync(file, 'utf8')) as { valid: Vector[] }
  return valid
    .map(({ name, key, fields, excluded, canonical, md5, hmacSha256 }) => {
      const rule = 'callback' in fields ? `, callback ${excluded.includes('callback') ? 'unsigned' : 'signed'}` : ''
      return [
        `### ${name[0]?.toUpperCase()}${name.slice(1)}`,
        `Key \`${key}\`${rule}. Body, without \`sign\`:`,
        `\`\`\`json\n${JSON.stringify(fields)}\n\`\`\``,
        'String of step 3, and its MD5:',
        `\`\`\`text\n${canonical}\n${md5}\n\`\`\``,
        'HMAC-SHA256 over the string of step 2:',
        `\`\`\`text\n${hmacSha256}\n\`\`\`\n`,
      ].join('\n\n')
    })
    .join('\n')
}

/** A call's schema as shown on its page; `description` and `rule` are the contract's annotations of every field. */
interface FieldSchema {
  readonly properties: object
  readonly required?: readonly string[]
}

interface Field {
  readonly name: string
  readonly isRequired: boolean
  readonly description: string
  readonly rule: string
}

function fieldsOf({ properties, required = [] }: FieldSchema): Field[] {
  // A name in angle brackets would be read as HTML.
  const plain = (text: string) => text.replace(/<(\w+)>/g, '`<$1>`').replaceAll('``_``', '_')
  return Object.entries(properties as Record<string, { description: string; rule: string }>).map(([name, { description, rule }]) => ({
    name,
    isRequired: required.includes(name),
    description: plain(description),
    rule: plain(rule),
  }))
}

function fieldTable(schema: FieldSchema): string {
  const rows = fieldsOf(schema).map(({ name, isRequired, description, rule }) => [
    `\`${name}\``,
    isRequired ? 'yes' : 'no',
    rule,
    description,
  ])
  return table(['field', 'required', 'rule', 'meaning'], rows)
}

function signedFieldTable(call: SignedCall): string {
  const rows = fieldsOf(call.schema).map(({ name, isRequired, description, rule }) => [
    `\`${name}\``,
    isRequired ? 'yes' : 'no',
    signedText(call, name),
    rule,
    description,
  ])
  return table(['field', 'required', 'signed', 'rule', 'meaning'], rows)
}

function signedText(call: SignedCall, name: string): string {
  if (call.byProfile.includes(name)) return 'by profile'
  return call.unsigned.includes(name) ? 'no' : 'yes'
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}
