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

/** Java 17 or later, one file, without libraries. */
export function javaSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: quoted,
    number: (value) => `${value}L`,
    time: 'System.currentTimeMillis()',
    token: 'UUID.randomUUID().toString().substring(9)',
    map: (entries) => `Map.ofEntries(${entries.map(([name, value]) => `Map.entry(${quoted(name)}, ${quoted(value)})`).join(', ')})`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  const digest = writeDigest(signing, digestWriter)
  const imports = [
    'java.net.URI',
    isQuery && 'java.net.URLEncoder',
    ...['HttpClient', 'HttpRequest', 'HttpResponse'].map((name) => `java.net.http.${name}`),
    (signing !== null || isQuery) && 'java.nio.charset.StandardCharsets',
    signing !== null && 'java.util.HexFormat',
    ...(fields.length > 0 ? ['java.util.Map', 'java.util.TreeMap', 'java.util.stream.Collectors'] : []),
    signing !== null && unsigned.length > 0 && 'java.util.Set',
    hasToken(request) && 'java.util.UUID',
    ...digest.imports,
  ]
  return program(
    '// Java 17 or later: java Call.java',
    imports
      .filter((name) => name !== false)
      .toSorted()
      .map((name) => `import ${name};`),
    ['', 'public class Call {', '  public static void main(String[] args) throws Exception {'],
    signing !== null && `    var key = ${quoted(signing.key)};`,
    bearer !== null && `    var accessToken = ${quoted(bearer)};`,
    fields.length > 0 && [
      '    var fields = new TreeMap<String, Object>(); // sorted by name',
      fields.map(([name, value]) => `    fields.put(${quoted(name)}, ${value});`),
      '',
    ],
    signing !== null && signature(digest.lines, unsigned),
    isQuery && [
      '    var query = fields.entrySet().stream()',
      '        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue().toString(), StandardCharsets.UTF_8))',
      '        .collect(Collectors.joining("&"));',
    ],
    `    var request = HttpRequest.newBuilder(URI.create(${quoted(url)}${isQuery ? ' + "?" + query' : ''}))`,
    bearer !== null && '        .header("Authorization", "Bearer " + accessToken)',
    hasBody && '        .header("Content-Type", "application/json")',
    hasBody && '        .POST(HttpRequest.BodyPublishers.ofString(json(fields)))',
    method === 'POST' && !hasBody && '        .POST(HttpRequest.BodyPublishers.noBody())',
    '        .build();',
    '    var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());',
    '    System.out.println(response.statusCode() + " " + response.body());',
    '  }',
    hasBody && jsonMethod,
    '}',
  )
}

function signature(digest: Lines, unsigned: readonly string[]): Lines {
  return [
    '    // The signed fields that are not empty, raw.',
    unsigned.length > 0 && `    var unsigned = Set.of(${unsigned.map(quoted).join(', ')});`,
    '    var canonical = fields.entrySet().stream()',
    `        .filter(field -> ${unsigned.length > 0 ? '!unsigned.contains(field.getKey()) && ' : ''}!field.getValue().equals(""))`,
    '        .map(field -> field.getKey() + "=" + field.getValue())',
    '        .collect(Collectors.joining("&"));',
    digest,
    '',
  ]
}

const jsonMethod = [
  '',
  '  static String json(Object value) {',
  '    if (value instanceof Number) return value.toString();',
  '    if (value instanceof Map<?, ?> map) {',
  '      return map.entrySet().stream()',
  '          .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))',
  '          .collect(Collectors.joining(",", "{", "}"));',
  '    }',
  '    return "\\"" + value.toString().replace("\\\\", "\\\\\\\\").replace("\\"", "\\\\\\"") + "\\"";',
  '  }',
]

/** In the form for `lobbykey explain --text`. */
const printLine = '    System.err.println(text.replace(key, "KEY")); // for lobbykey explain --text'

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({
    imports: ['java.security.MessageDigest'],
    lines: [
      '    var text = key + "&" + canonical;',
      printLine,
      `    var digest = MessageDigest.getInstance("${hash.toUpperCase()}").digest(text.getBytes(StandardCharsets.UTF_8));`,
      '    fields.put("sign", HexFormat.of().formatHex(digest));',
    ],
  }),
  hmac: (hash) => ({
    imports: ['javax.crypto.Mac', 'javax.crypto.spec.SecretKeySpec'],
    lines: [
      '    var text = canonical;',
      printLine,
      `    var mac = Mac.getInstance("Hmac${hash.toUpperCase()}");`,
      `    mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "Hmac${hash.toUpperCase()}"));`,
      '    fields.put("sign", HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8))));',
    ],
  }),
}
