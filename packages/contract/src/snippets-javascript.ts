import {
  type DigestWriter,
  hasToken,
  program,
  quoted,
  type SnippetRequest,
  unsignedNames,
  writeDigest,
  writeFields,
} from './snippets-request.ts'

/** JavaScript for Node.js 18 or later, as a module. */
export function javascriptSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: quoted,
    number: String,
    time: 'Date.now()',
    token: 'randomBytes(12).toString("hex")',
    map: (entries) => `{ ${entries.map(([name, value]) => `${propertyName(name)}: ${quoted(value)}`).join(', ')} }`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  const digest = writeDigest(signing, digestWriter)
  const imports = [...digest.imports, ...(hasToken(request) ? ['randomBytes'] : [])]
  return program(
    '// Node.js 18 or later, as a module: node call.mjs',
    signing !== null && [`import { ${imports.join(', ')} } from "node:crypto"`, ''],
    signing !== null && `const key = ${quoted(signing.key)}`,
    bearer !== null && `const accessToken = ${quoted(bearer)}`,
    fields.length > 0 && ['const fields = {', fields.map(([name, value]) => `  ${propertyName(name)}: ${value},`), '}'],
    '',
    signing !== null && [
      '// The signed fields that are not empty, sorted by name, raw.',
      unsigned.length > 0 && `const unsigned = [${unsigned.map(quoted).join(', ')}]`,
      'const canonical = Object.keys(fields)',
      `  .filter((name) => ${unsigned.length > 0 ? '!unsigned.includes(name) && ' : ''}fields[name] !== "")`,
      '  .sort()',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's own template
      '  .map((name) => `${name}=${fields[name]}`)',
      '  .join("&")',
      digest.lines,
      '',
    ],
    isQuery && [`const url = new URL(${quoted(url)})`, 'url.search = new URLSearchParams(fields)'],
    `const response = await fetch(${isQuery ? 'url' : quoted(url)}, {`,
    `  method: ${quoted(method)},`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's own template
    bearer !== null && '  headers: { Authorization: `Bearer ${accessToken}` },',
    hasBody && ['  headers: { "Content-Type": "application/json" },', '  body: JSON.stringify(fields),'],
    '})',
    'console.log(response.status, await response.text())',
  )
}

function propertyName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quoted(name)
}

/** In the form for `lobbykey explain --text`. */
const printLine = 'console.error(text.replaceAll(key, "KEY")) // for lobbykey explain --text'

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({
    imports: ['createHash'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's own template
    lines: ['const text = `${key}&${canonical}`', printLine, `fields.sign = createHash("${hash}").update(text).digest("hex")`],
  }),
  hmac: (hash) => ({
    imports: ['createHmac'],
    lines: ['const text = canonical', printLine, `fields.sign = createHmac("${hash}", key).update(text).digest("hex")`],
  }),
}
