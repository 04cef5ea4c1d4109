/** A call as a program with the client library of a language: the short form beside `snippets.ts`. curl and C# have no library. */
import { program, quoted, type SnippetValue, type ValueWriter, writeFields } from './snippets-request.ts'

/** The model of a call. */
export interface LibraryCall {
  /** `member.login`, `seller.me`. */
  readonly operationId: string
  readonly baseUrl: string
  /** What the caller passes: without `agent_id`, `timestamp` and `sign`, which the library adds, and without secrets of sellers. */
  readonly fields: Readonly<Record<string, SnippetValue>>
  /** Options of the client, in order, without those that are its defaults. */
  readonly options: Readonly<Record<string, string>>
}

export interface LibrarySnippet {
  /** What to install, in a few words. */
  readonly install: string
  readonly write: (call: LibraryCall) => string
}

/** By the language's ID in `snippetLanguages`. */
export const librarySnippets: Readonly<Record<string, LibrarySnippet>> = {
  javascript: { install: 'npm install lobbykey-client', write: javascript },
  python: { install: 'pip install ./clients/python', write: python },
  php: { install: 'clients/php/src/Lobbykey.php, one file', write: php },
  java: { install: 'io.lobbykey:lobbykey-client', write: java },
  go: { install: 'github.com/lobbykey/lobbykey/clients/go', write: go },
}

/** Whether the libraries make this call. They renew tokens by themselves; passwords are changed by hand. */
export function isLibraryCall(operationId: string): boolean {
  return operationId.startsWith('member.') || ['seller.login', 'seller.me', 'seller.logout', 'seller.refresh'].includes(operationId)
}

const methods: Readonly<Record<string, string>> = {
  'member.game_list': 'games',
  'member.limit_list': 'limits',
  // A good token is what both are for.
  'seller.login': 'access_token',
  'seller.refresh': 'access_token',
}

/** In snake case. */
function methodOf(operationId: string): string {
  return methods[operationId] ?? operationId.replace(/^\w+\./, '')
}

function isMember({ operationId }: LibraryCall): boolean {
  return operationId.startsWith('member.')
}

/** Whether there is no answer to show. */
function isSilent({ operationId }: LibraryCall): boolean {
  return operationId === 'seller.logout'
}

function className(call: LibraryCall): string {
  return isMember(call) ? 'MerchantClient' : 'SellerClient'
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function pascal(name: string): string {
  return camel(`_${name}`)
}

function javascript(call: LibraryCall): string {
  const { operationId, baseUrl, options } = call
  const fields = writeFields(
    call.fields,
    writerOf({ map: (entries) => `{ ${entries.map(([name, value]) => `${quoted(name)}: ${value}`).join(', ')} }` }),
  )
  const given = [['baseUrl', baseUrl], ...Object.entries(options)].map(([name, value]) => `  ${name}: ${quoted(value ?? '')},`)
  const method = camel(methodOf(operationId))
  return program(
    `import { ${className(call)} } from "lobbykey-client/${isMember(call) ? 'merchant' : 'seller'}"`,
    '',
    `const client = new ${className(call)}({`,
    given,
    '})',
    fields.length > 0
      ? [`const answer = await client.${method}({`, fields.map(([name, value]) => `  ${name}: ${value},`), '})']
      : `${isSilent(call) ? '' : 'const answer = '}await client.${method}()`,
    !isSilent(call) && 'console.log(answer)',
  )
}

function python(call: LibraryCall): string {
  const { operationId, baseUrl, options } = call
  const fields = writeFields(
    call.fields,
    writerOf({ map: (entries) => `{${entries.map(([name, value]) => `${quoted(name)}: ${value}`).join(', ')}}` }),
  )
  const given = Object.entries(options).map(([name, value]) => `    ${snake(name)}=${quoted(value)},`)
  const method = methodOf(operationId)
  return program(
    `from lobbykey import ${className(call)}`,
    '',
    `client = ${className(call)}(`,
    `    base_url=${quoted(baseUrl)},`,
    given,
    ')',
    fields.length > 0
      ? [`answer = client.${method}(`, fields.map(([name, value]) => `    ${name}=${value},`), ')']
      : `${isSilent(call) ? '' : 'answer = '}client.${method}()`,
    !isSilent(call) && 'print(answer)',
  )
}

function php(call: LibraryCall): string {
  const { operationId, baseUrl, options } = call
  const text = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`
  const fields = writeFields(call.fields, {
    ...writerOf({ map: () => '' }),
    text,
    map: (entries) => `[${entries.map(([name, value]) => `${text(name)} => ${text(value)}`).join(', ')}]`,
  })
  const given = [['baseUrl', baseUrl], ...Object.entries(options)].map(([name = '', value = '']) => `    ${text(name)} => ${text(value)},`)
  const method = camel(methodOf(operationId))
  return program(
    '<?php',
    "require 'Lobbykey.php';",
    '',
    `$client = new Lobbykey\\${className(call)}([`,
    given,
    ']);',
    fields.length > 0
      ? [`$answer = $client->${method}([`, fields.map(([name, value]) => `    ${text(name)} => ${value},`), ']);']
      : `${isSilent(call) ? '' : '$answer = '}$client->${method}();`,
    !isSilent(call) && 'print_r($answer);',
  )
}

function java(call: LibraryCall): string {
  const { operationId, baseUrl, options } = call
  const pairs = (entries: readonly (readonly [string, string])[]) => entries.map(([name, value]) => `${quoted(name)}, ${value}`)
  const fields = writeFields(call.fields, writerOf({ map: (entries) => `Map.of(${pairs(entries).join(', ')})` }))
  const { agentId = '', key = '', ...rest } = options
  const first = isMember(call) ? [baseUrl, agentId, key] : [baseUrl]
  const setters = Object.entries(isMember(call) ? rest : options).map(([name, value]) => `\n            .${name}(${quoted(value)})`)
  const method = camel(methodOf(operationId))
  const argument = isMember(call)
    ? `Map.of(${pairs(fields)
        .map((pair) => `\n            ${pair}`)
        .join(',')})`
    : ''
  return program(
    `import io.lobbykey.${className(call)};`,
    isMember(call) && 'import java.util.Map;',
    '',
    'class Call {',
    '    public static void main(String[] arguments) {',
    `        var client = new ${className(call)}(new ${className(call)}.Options(${first.map(quoted).join(', ')})${setters.join('')});`,
    isSilent(call)
      ? `        client.${method}();`
      : [`        var answer = client.${method}(${argument});`, '        System.out.println(answer);'],
    '    }',
    '}',
  )
}

function go(call: LibraryCall): string {
  const { operationId, baseUrl, options } = call
  const fields = writeFields(
    call.fields,
    writerOf({ map: (entries) => `map[string]string{${entries.map(([name, value]) => `${quoted(name)}: ${value}`).join(', ')}}` }),
  )
  const given = [['baseURL', baseUrl], ...Object.entries(options)].map(
    ([name = '', value = '']) => `\t\t${pascal(name).replace(/Id$/, 'ID')}: ${quoted(value)},`,
  )
  const method = pascal(methodOf(operationId))
  const isList = ['Games', 'Limits'].includes(method)
  const argument = isMember(call)
    ? [
        ', lobbykey.Fields{',
        ...fields.map(([name, value]) => `\n\t\t${quoted(name)}: ${value},`),
        fields.length > 0 ? '\n\t}' : '}',
        isList ? ', &answer' : '',
      ]
    : []
  const kind = isMember(call) ? 'Merchant' : 'Seller'
  const make = [`\tclient, err := lobbykey.New${kind}Client(lobbykey.${kind}Options{`, given, '\t})', stop]
  const asked = `client.${method}(context.Background()${argument.join('')})`
  const assigned = isList ? `_, err = ${asked}` : isSilent(call) ? `err = ${asked}` : `answer, err := ${asked}`
  return program(
    [
      'package main',
      '',
      'import (',
      '\t"context"',
      !isSilent(call) && '\t"fmt"',
      '',
      '\tlobbykey "github.com/lobbykey/lobbykey/clients/go"',
      ')',
      '',
    ],
    'func main() {',
    make,
    isList && '\tvar answer map[string]any',
    `\t${assigned}`,
    stop,
    !isSilent(call) && '\tfmt.Printf("%+v\\n", answer)',
    '}',
  )
}

const stop = ['\tif err != nil {', '\t\tpanic(err)', '\t}']

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The libraries sign the text of every value, so a number is as good as its digits. */
function writerOf({ map }: Pick<ValueWriter, 'map'>): ValueWriter {
  return {
    text: quoted,
    number: (value) => quoted(String(value)),
    time: '',
    token: '',
    map: (entries) => map(entries.map(([name, value]) => [name, quoted(value)])),
  }
}
