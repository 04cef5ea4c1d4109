import {
  type DigestWriter,
  hasToken,
  program,
  type SnippetRequest,
  timeOfRun,
  tokenOfRun,
  unsignedNames,
  writeDigest,
} from './snippets-request.ts'

/** A shell script: curl sends, openssl signs. */
export function curlSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const names = Object.keys(request.fields)
  const hasTime = Object.values(request.fields).includes(timeOfRun)
  const isQuery = method === 'GET' && names.length > 0
  const hasBody = method === 'POST' && names.length > 0
  const options = [
    method === 'POST' && !hasBody && '-X POST',
    bearer !== null && '-H "Authorization: Bearer $access_token"',
    hasBody && "-H 'Content-Type: application/json'",
    isQuery && '-G',
    ...(isQuery ? names.map((name) => `--data-urlencode "${shellText(`${name}=`)}${shellValue(request, name)}"`) : []),
    isQuery && signing !== null && '--data-urlencode "sign=$sign"',
    hasBody && '--data-binary @- <<JSON',
  ].filter((option) => option !== false)
  return program(
    signing !== null && `key=${singleQuoted(signing.key)}`,
    bearer !== null && `access_token=${singleQuoted(bearer)}`,
    hasTime && 'timestamp=$(date +%s)000',
    hasToken(request) && 'token=$(openssl rand -hex 12)',
    (signing !== null || bearer !== null || hasTime) && '',
    signing !== null && [
      '# The signed fields that are not empty, sorted by name, raw.',
      `canonical="${canonicalText(request)}"`,
      writeDigest(signing, digestWriter).lines,
      '',
    ],
    [`curl -s ${singleQuoted(url)}`, ...options.map((option) => `  ${option}`)].join(' \\\n'),
    hasBody && [bodyText(request), 'JSON'],
  )
}

function canonicalText(request: SnippetRequest): string {
  const unsigned = unsignedNames(request)
  return Object.keys(request.fields)
    .filter((name) => !unsigned.includes(name))
    .sort()
    .map((name) => `${name}=${shellValue(request, name)}`)
    .join('&')
}

/** A field inside a double-quoted word. */
function shellValue({ fields }: SnippetRequest, name: string): string {
  const value = fields[name]
  if (value === timeOfRun) return '$timestamp'
  return value === tokenOfRun ? '$token' : shellText(String(value))
}

function shellText(value: string): string {
  return value.replace(/[\\"$`]/g, '\\$&')
}

function singleQuoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}

/** The JSON body as a here-document; the shell inserts time and signature. */
function bodyText({ fields, signing }: SnippetRequest): string {
  const lines = Object.entries(fields).map(([name, value]) => `  ${JSON.stringify(name)}: ${hereText(value)}`)
  if (signing !== null) lines.push('  "sign": "$sign"')
  return `{\n${lines.join(',\n')}\n}`
}

function hereText(value: unknown): string {
  if (value === timeOfRun) return '$timestamp'
  if (value === tokenOfRun) return '"$token"'
  return JSON.stringify(value).replace(/[\\$`]/g, '\\$&')
}

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({
    lines: [
      'text="$key&$canonical"',
      `printf 'KEY%s\\n' "\${text#"$key"}" >&2 # for lobbykey explain --text`,
      `sign=$(printf '%s' "$text" | openssl dgst -${hash} -r | cut -d ' ' -f 1)`,
    ],
  }),
  hmac: (hash) => ({
    lines: [
      'text="$canonical"',
      `printf '%s\\n' "$text" >&2 # for lobbykey explain --text`,
      `sign=$(printf '%s' "$text" | openssl dgst -${hash} -hmac "$key" -r | cut -d ' ' -f 1)`,
    ],
  }),
}
