import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { MistakeKind } from '../../../../src/core/explain/explain-signature.ts'
import type { Request } from '../random-requests.ts'
import type { Pairs } from './kinds.ts'

/** A text that a runtime produced, with the key in it. */
export interface RuntimeText {
  readonly name: string
  readonly accepts: readonly MistakeKind[]
  readonly text: string
}

export interface RuntimeRequest {
  readonly request: Request
  readonly pairs: Pairs
  readonly key: string
}

type Row = readonly [name: string, accepts: readonly MistakeKind[], text: string]

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const asJson = ({ request: { fields }, pairs, key }: RuntimeRequest) =>
  JSON.stringify({ fields, key, signed: Object.fromEntries(pairs.map(([name, value]) => [name, fields[name] ?? value])) })

/** PHP, Python, Java and Go make the wrong texts themselves. What is not on this machine is left out. */
export function runtimeTexts(requests: readonly RuntimeRequest[]): { readonly missing: string[]; readonly texts: RuntimeText[][] } {
  const texts = requests.map((): RuntimeText[] => [])
  const missing: string[] = []
  const add = (language: string, lists: readonly (readonly Row[])[]) => {
    for (const [at, list] of lists.entries())
      for (const [name, accepts, text] of list) texts[at]?.push({ name: `${language}: ${name}`, accepts, text })
  }
  const run = (language: string, command: string, words: readonly string[], input: string, read: (output: string) => Row[][]) => {
    try {
      add(language, read(execFileSync(command, words, { input, encoding: 'utf8', maxBuffer: 1 << 28 })))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      missing.push(language)
    }
  }
  const lines = `${requests.map(asJson).join('\n')}\n`
  const readJson = (output: string) =>
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row[])
  run('PHP', 'php', [file('kinds.php')], lines, readJson)
  run('Python', 'python3', [file('kinds.py')], lines, readJson)
  run('Go', 'go', ['run', file('kinds.go')], lines, readJson)
  const cells = requests.map(({ pairs, key }) => [key, ...pairs.flat()].join('\t')).join('\n')
  run('Java', 'java', ['-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8', file('Kinds.java')], `${cells}\n`, (output) =>
    output
      .trim()
      .split('\n\n')
      .map((block) =>
        block.split('\n').map((line): Row => {
          const [name = '', kinds = '', text = ''] = line.split('\t')
          return [name, kinds.split(',') as MistakeKind[], text]
        }),
      ),
  )
  return { missing, texts }
}
