import { type ClientCode, clientFacts } from '@lobbykey/contract'
import { braced, hiddenClass } from './hidden-characters.ts'
import { generatedNote } from './note.ts'

/** A JSON literal is also a Java literal, and both double the backslashes of a pattern. */
const quoted = (value: unknown) => JSON.stringify(value)
const texts = (values: readonly string[]) => `List.of(${values.map(quoted).join(', ')})`

export function javaContract(vector: { key: string; fields: Record<string, unknown>; digests: Record<string, string> }): string {
  const { calls, memberCodes, sellerCodes, algorithms, sellerPath, serverClock, baseUrl, accessToken } = clientFacts
  const entries = <T>(values: Readonly<Record<string, T>>, write: (value: T) => string) =>
    Object.entries(values).map(([name, value]) => `            Map.entry(${quoted(name)}, ${write(value)})`)
  return [
    `// ${generatedNote}`,
    'package io.lobbykey;',
    '',
    'import java.util.List;',
    'import java.util.Map;',
    '',
    'final class Contract {',
    `    static final String SELLER_PATH = ${quoted(sellerPath)};`,
    '',
    "    /** The server's time in the message of a stale timestamp. */",
    `    static final String SERVER_CLOCK = ${quoted(serverClock)};`,
    '',
    `    static final String BASE_URL = ${quoted(baseUrl)};`,
    '',
    `    static final String ACCESS_TOKEN = ${quoted(accessToken)};`,
    '',
    '    /** Characters that do not show as themselves. */',
    `    static final String HIDDEN = ${quoted(hiddenClass(braced, true))};`,
    '',
    ...map(
      'Call',
      'CALLS',
      entries(
        calls,
        ({ method, path, fields, signed, clearable, answers }) =>
          `new Call(${quoted(method)}, ${quoted(path)}, ${texts(fields)},\n` +
          `                    Map.of("signed", ${texts(signed.signed)}, "unsigned", ${texts(signed.unsigned)}),\n` +
          `                    ${texts(clearable)}, Map.of(${Object.entries(answers).flat().map(quoted).join(', ')}))`,
      ),
    ),
    ...codes('MEMBER_CODES', memberCodes),
    ...codes('SELLER_CODES', sellerCodes),
    ...map(
      'Algorithm',
      'ALGORITHMS',
      entries(algorithms, ({ hash, keyUse }) => `new Algorithm(${quoted(hash)}, ${quoted(keyUse)})`),
    ),
    '    /** The published example. */',
    `    static final String VECTOR_KEY = ${quoted(vector.key)};`,
    '',
    ...map(
      'String',
      'VECTOR_FIELDS',
      entries(vector.fields, (value) => quoted(String(value))),
    ),
    ...map('String', 'VECTOR_DIGESTS', entries(vector.digests, quoted)),
    '    record Call(String method, String path, List<String> fields, Map<String, List<String>> signed, List<String> clearable, Map<String, String> answers) {}',
    '',
    '    record Code(String code, int status, String key, String retry, String cure) {}',
    '',
    '    record Algorithm(String hash, String keyUse) {}',
    '',
    '    private Contract() {}',
    '}',
    '',
  ].join('\n')
}

function map(type: string, name: string, entries: readonly string[]): string[] {
  return [`    static final Map<String, ${type}> ${name} = Map.ofEntries(`, `${entries.join(',\n')});`, '']
}

function codes(name: string, rows: readonly ClientCode[]): string[] {
  const items = rows.map(
    ({ code, status, key, retry, cure }) =>
      `            new Code(${quoted(String(code))}, ${status}, ${quoted(key)}, ${quoted(retry)}, ${quoted(cure)})`,
  )
  return [`    static final List<Code> ${name} = List.of(`, `${items.join(',\n')});`, '']
}
