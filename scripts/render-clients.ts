/** The generated parts of docs/clients.md. */
import { readFileSync } from 'node:fs'
import { memberLogin, snippetLanguages, timeOfRun, unsignedFields } from '@lobbykey/contract'
import { players } from '../clients/conformance/players.ts'
import { cases } from '../clients/conformance/run-cases.ts'

export function conformanceTable(): string {
  const rows = cases.map((conformanceCase) => [
    conformanceCase.client,
    conformanceCase.name,
    conformanceCase.told,
    ...players.map(({ plays }) => (plays(conformanceCase) ? '✓' : '–')),
  ])
  return table(['client', 'case', 'what happens', ...players.map(({ name }) => name)], rows)
}

/** By a language's ID among the snippets: the page whose first program of the language is a login, and the fence's word. */
const pages: Readonly<Record<string, readonly [path: string, fence: string]>> = {
  javascript: ['docs/quickstart-merchant.md', 'js'],
  php: ['docs/quickstart-merchant.md', 'php'],
  python: ['docs/quickstart-merchant.md', 'python'],
  java: ['clients/java/README.md', 'java'],
  go: ['clients/go/README.md', 'go'],
}

export function lineTable(): string {
  const rows = Object.entries(pages).map(([id, [path, fence]]) => {
    const language = snippetLanguages.find((each) => each.id === id)
    return [language?.title ?? id, linesOf(program(path, fence)), linesOf(language?.write(login) ?? '')]
  })
  rows.push(['JavaScript by hand, with repeats, clock and deadline', '', linesOf(program('docs/clients.md', 'js'))])
  return table(['language', 'with the library', 'without'], rows)
}

const login = {
  method: 'POST',
  url: `http://127.0.0.1:8080${memberLogin.path}`,
  fields: {
    agent_id: 'agent001',
    user_id: 'uid001',
    token: 'tokena8c2aaef3880162a',
    platform: 'h5',
    language: 'en-US',
    currency: 'VND2',
    timestamp: timeOfRun,
  },
  signing: { algorithm: 'md5', key: 'l4gnD61pz4arJyv8', unsigned: unsignedFields(memberLogin, 'unsigned') },
  bearer: null,
} as const

function program(path: string, fence: string): string {
  const [, source] = new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readFileSync(path, 'utf8')) ?? []
  if (source === undefined) throw new Error(`${path} has no program in ${fence}`)
  return source
}

function linesOf(source: string): string {
  return String(source.split('\n').filter((line) => line.trim() !== '').length)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
