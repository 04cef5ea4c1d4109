import { program, quoted, type SnippetRequest, unsignedNames, writeFields } from './snippets-request.ts'

/** Java 17 or later, as one file that runs as it is, without libraries. */
export function javaSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: quoted,
    number: (value) => `${value}L`,
    time: 'System.currentTimeMillis()',
    map: (entries) => `Map.ofEntries(${entries.map(([name, value]) => `Map.entry(${quoted(name)}, ${quoted(value)})`).join(', ')})`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  return program(
    '// Java 17 or later: java Call.java',
    'import java.net.URI;',
    isQuery && 'import java.net.URLEncoder;',
    ['import java.net.http.HttpClient;', 'import java.net.http.HttpRequest;', 'import java.net.http.HttpResponse;'],
    (signing !== null || isQuery) && 'import java.nio.charset.StandardCharsets;',
    signing?.algorithm === 'md5' && 'import java.security.MessageDigest;',
    signing !== null && 'import java.util.HexFormat;',
    fields.length > 0 && 'import java.util.Map;',
    signing !== null && unsigned.length > 0 && 'import java.util.Set;',
    fields.length > 0 && ['import java.util.TreeMap;', 'import java.util.stream.Collectors;'],
    signing?.algorithm === 'hmac-sha256' && ['import javax.crypto.Mac;', 'import javax.crypto.spec.SecretKeySpec;'],
    ['', 'public class Call {', '  public static void main(String[] args) throws Exception {'],
    signing !== null && `    var key = ${quoted(signing.key)};`,
    bearer !== null && `    var accessToken = ${quoted(bearer)};`,
    fields.length > 0 && [
      '    var fields = new TreeMap<String, Object>(); // sorted by name',
      fields.map(([name, value]) => `    fields.put(${quoted(name)}, ${value});`),
      '',
    ],
    signing !== null && signature(signing.algorithm, unsigned),
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

function signature(algorithm: 'md5' | 'hmac-sha256', unsigned: readonly string[]) {
  return [
    '    // The signed fields that are not empty, raw.',
    unsigned.length > 0 && `    var unsigned = Set.of(${unsigned.map(quoted).join(', ')});`,
    '    var canonical = fields.entrySet().stream()',
    `        .filter(field -> ${unsigned.length > 0 ? '!unsigned.contains(field.getKey()) && ' : ''}!field.getValue().equals(""))`,
    '        .map(field -> field.getKey() + "=" + field.getValue())',
    '        .collect(Collectors.joining("&"));',
    algorithm === 'md5'
      ? [
          '    var digest = MessageDigest.getInstance("MD5").digest((key + "&" + canonical).getBytes(StandardCharsets.UTF_8));',
          '    fields.put("sign", HexFormat.of().formatHex(digest));',
        ]
      : [
          '    var mac = Mac.getInstance("HmacSHA256");',
          '    mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));',
          '    fields.put("sign", HexFormat.of().formatHex(mac.doFinal(canonical.getBytes(StandardCharsets.UTF_8))));',
        ],
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
