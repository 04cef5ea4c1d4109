import {
  type DigestWriter,
  hasToken,
  type Lines,
  program,
  quoted,
  type SnippetRequest,
  unsignedNames,
  writeDigest,
  writeFields,
} from './snippets-request.ts'

/** Go 1.18 or later, standard library only. */
export function goSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: quoted,
    number: String,
    time: 'time.Now().UnixMilli()',
    token: 'hex.EncodeToString(token)',
    map: (entries) => `map[string]string{${entries.map(([name, value]) => `${quoted(name)}: ${quoted(value)}`).join(', ')}}`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  const digest = writeDigest(signing, digestWriter)
  const packages = [
    hasBody && 'bytes',
    ...digest.imports,
    hasToken(request) && 'crypto/rand',
    signing !== null && 'encoding/hex',
    hasBody && 'encoding/json',
    'fmt',
    'io',
    'net/http',
    isQuery && 'net/url',
    signing !== null && 'os',
    signing !== null && 'sort',
    signing !== null && 'strings',
    fields.some(([, value]) => value.startsWith('time.')) && 'time',
  ]
  return program(
    '// Go 1.18 or later: go run call.go',
    'package main',
    '',
    'import (',
    packages.filter((name) => name !== false).map((name) => `\t"${name}"`),
    ')',
    '',
    'func main() {',
    signing !== null && `\tkey := ${quoted(signing.key)}`,
    bearer !== null && `\taccessToken := ${quoted(bearer)}`,
    hasToken(request) && ['\ttoken := make([]byte, 12)', '\trand.Read(token)'],
    fields.length > 0 && ['\tfields := map[string]any{', fields.map(([name, value]) => `\t\t${quoted(name)}: ${value},`), '\t}', ''],
    signing !== null && signature(digest.lines, unsigned),
    isQuery && ['\tquery := url.Values{}', '\tfor name, value := range fields {', '\t\tquery.Set(name, fmt.Sprint(value))', '\t}'],
    hasBody && '\tbody, _ := json.Marshal(fields)',
    `\trequest, err := http.NewRequest(${quoted(method)}, ${quoted(url)}${isQuery ? '+"?"+query.Encode()' : ''}, ${hasBody ? 'bytes.NewReader(body)' : 'nil'})`,
    ['\tif err != nil {', '\t\tpanic(err)', '\t}'],
    bearer !== null && '\trequest.Header.Set("Authorization", "Bearer "+accessToken)',
    hasBody && '\trequest.Header.Set("Content-Type", "application/json")',
    '\tresponse, err := http.DefaultClient.Do(request)',
    ['\tif err != nil {', '\t\tpanic(err)', '\t}'],
    '\tdefer response.Body.Close()',
    '\tanswer, _ := io.ReadAll(response.Body)',
    '\tfmt.Println(response.StatusCode, string(answer))',
    '}',
  )
}

function signature(digest: Lines, unsigned: readonly string[]): Lines {
  return [
    '\t// The signed fields that are not empty, sorted by name, raw.',
    unsigned.length > 0 && `\tunsigned := map[string]bool{${unsigned.map((name) => `${quoted(name)}: true`).join(', ')}}`,
    '\tvar names []string',
    '\tfor name, value := range fields {',
    `\t\tif ${unsigned.length > 0 ? '!unsigned[name] && ' : ''}value != "" {`,
    '\t\t\tnames = append(names, name)',
    '\t\t}',
    '\t}',
    '\tsort.Strings(names)',
    '\tvar pairs []string',
    '\tfor _, name := range names {',
    '\t\tpairs = append(pairs, fmt.Sprintf("%s=%v", name, fields[name]))',
    '\t}',
    '\tcanonical := strings.Join(pairs, "&")',
    digest,
    '',
  ]
}

/** In the form for `lobbykey explain --text`. */
const printLine = '\tfmt.Fprintln(os.Stderr, strings.ReplaceAll(text, key, "KEY")) // for lobbykey explain --text'

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({
    imports: [`crypto/${hash}`],
    lines: [
      `\tdigest := ${hash}.New()`,
      '\ttext := key + "&" + canonical',
      printLine,
      '\tdigest.Write([]byte(text))',
      '\tfields["sign"] = hex.EncodeToString(digest.Sum(nil))',
    ],
  }),
  hmac: (hash) => ({
    imports: ['crypto/hmac', `crypto/${hash}`],
    lines: [
      `\tmac := hmac.New(${hash}.New, []byte(key))`,
      '\ttext := canonical',
      printLine,
      '\tmac.Write([]byte(text))',
      '\tfields["sign"] = hex.EncodeToString(mac.Sum(nil))',
    ],
  }),
}
