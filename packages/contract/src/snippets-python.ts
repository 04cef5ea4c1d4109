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

/** Python 3.8 or later, standard library only. */
export function pythonSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: quoted,
    number: String,
    time: 'int(time.time() * 1000)',
    token: 'secrets.token_hex(12)',
    map: (entries) => `{${entries.map(([name, value]) => `${quoted(name)}: ${quoted(value)}`).join(', ')}}`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  const digest = writeDigest(signing, digestWriter)
  const modules = [
    ...digest.imports,
    hasBody && 'json',
    hasToken(request) && 'secrets',
    signing !== null && 'sys',
    fields.some(([, value]) => value.startsWith('int(time')) && 'time',
    'urllib.error',
    isQuery && 'urllib.parse',
    'urllib.request',
  ]
  const headers = [bearer !== null && '"Authorization": f"Bearer {access_token}"', hasBody && '"Content-Type": "application/json"']
  return program(
    '# Python 3.8 or later: python3 call.py',
    modules.filter((module) => module !== false).map((module) => `import ${module}`),
    '',
    signing !== null && `key = ${quoted(signing.key)}`,
    bearer !== null && `access_token = ${quoted(bearer)}`,
    fields.length > 0 && ['fields = {', fields.map(([name, value]) => `    ${quoted(name)}: ${value},`), '}', ''],
    signing !== null && [
      '# The signed fields that are not empty, sorted by name, raw.',
      unsigned.length > 0 && `unsigned = {${unsigned.map(quoted).join(', ')}}`,
      'canonical = "&".join(',
      '    f"{name}={fields[name]}"',
      '    for name in sorted(fields)',
      `    if ${unsigned.length > 0 ? 'name not in unsigned and ' : ''}fields[name] != ""`,
      ')',
      digest.lines,
      '',
    ],
    'request = urllib.request.Request(',
    `    ${quoted(url)}${isQuery ? ' + "?" + urllib.parse.urlencode(fields)' : ''},`,
    hasBody && '    data=json.dumps(fields).encode("utf-8"),',
    `    headers={${headers.filter((header) => header !== false).join(', ')}},`,
    `    method=${quoted(method)},`,
    ')',
    'try:',
    '    response = urllib.request.urlopen(request)',
    'except urllib.error.HTTPError as error:',
    '    response = error',
    'print(response.status, response.read().decode("utf-8"))',
  )
}

/** In the form for `lobbykey explain --text`. */
const printLine = 'print(text.replace(key, "KEY"), file=sys.stderr)  # for lobbykey explain --text'

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({
    imports: ['hashlib'],
    lines: ['text = f"{key}&{canonical}"', printLine, `fields["sign"] = hashlib.${hash}(text.encode("utf-8")).hexdigest()`],
  }),
  hmac: (hash) => ({
    imports: ['hashlib', 'hmac'],
    lines: [
      'text = canonical',
      printLine,
      `fields["sign"] = hmac.new(key.encode("utf-8"), text.encode("utf-8"), hashlib.${hash}).hexdigest()`,
    ],
  }),
}
