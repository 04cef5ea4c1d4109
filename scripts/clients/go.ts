import { type ClientCode, clientFacts } from '@lobbykey/contract'
import { braced, hiddenClass } from './hidden-characters.ts'
import { generatedNote } from './note.ts'

const quoted = (value: unknown) => JSON.stringify(value)
const texts = (values: readonly string[]) => `[]string{${values.map(quoted).join(', ')}}`

/** As gofmt formats it. */
export function goContract(vector: { key: string; fields: Record<string, unknown>; digests: Record<string, string> }): string {
  const { calls, memberCodes, sellerCodes, algorithms, sellerPath, serverClock, baseUrl, accessToken } = clientFacts
  return [
    `// Code generated: ${generatedNote} DO NOT EDIT.`,
    '',
    'package lobbykey',
    '',
    `const sellerPath = ${quoted(sellerPath)}`,
    '',
    "// The server's time in the message of a stale timestamp.",
    `const serverClock = ${quoted(serverClock)}`,
    '',
    `const baseURLForm = ${quoted(baseUrl)}`,
    '',
    `const accessTokenForm = ${quoted(accessToken)}`,
    '',
    '// Characters that do not show as themselves.',
    `const hiddenForm = ${quoted(hiddenClass(braced, false))}`,
    '',
    'var calls = map[string]callFacts{',
    ...Object.entries(calls).flatMap(([name, { method, path, fields, signed, clearable, answers }]) => [
      `\t${quoted(name)}: {`,
      `\t\tmethod:    ${quoted(method)},`,
      `\t\tpath:      ${quoted(path)},`,
      `\t\tfields:    ${texts(fields)},`,
      `\t\tsigned:    map[string][]string{"signed": ${texts(signed.signed)}, "unsigned": ${texts(signed.unsigned)}},`,
      `\t\tclearable: ${texts(clearable)},`,
      `\t\tanswers:   map[string]string{${Object.entries(answers)
        .map((entry) => entry.map(quoted).join(': '))
        .join(', ')}},`,
      '\t},',
    ]),
    '}',
    '',
    ...codes('memberCodes', memberCodes),
    ...codes('sellerCodes', sellerCodes),
    'var algorithms = map[string]algorithmFacts{',
    ...Object.entries(algorithms)
      .map(([name, { hash, keyUse }]) => `\t${quoted(name)}: {hash: ${quoted(hash)}, keyUse: ${quoted(keyUse)}},`)
      .map(aligned),
    '}',
    '',
    '// The published example.',
    `const vectorKey = ${quoted(vector.key)}`,
    '',
    'var vectorFields = map[string]any{',
    ...Object.entries(vector.fields)
      .map(([name, value]) => `\t${quoted(name)}: ${quoted(value)},`)
      .map(aligned),
    '}',
    '',
    'var vectorDigests = map[string]string{',
    ...Object.entries(vector.digests)
      .map(([name, value]) => `\t${quoted(name)}: ${quoted(value)},`)
      .map(aligned),
    '}',
    '',
  ].join('\n')
}

function codes(name: string, rows: readonly ClientCode[]): string[] {
  return [
    `var ${name} = []codeFacts{`,
    ...rows.map(
      ({ code, status, key, retry, cure }) =>
        `\t{code: ${quoted(String(code))}, status: ${status}, key: ${quoted(key)}, retry: ${quoted(retry)}, cure: ${quoted(cure)}},`,
    ),
    '}',
    '',
  ]
}

/** gofmt aligns the values of a map in a column. */
function aligned(line: string, _at: number, lines: readonly string[]): string {
  const width = Math.max(...lines.map((other) => other.indexOf(': ') + 2))
  const at = line.indexOf(': ') + 2
  return line.slice(0, at) + ' '.repeat(width - at) + line.slice(at)
}
