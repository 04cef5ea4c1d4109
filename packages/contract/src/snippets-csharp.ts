import { type DigestWriter, program, quoted, type SnippetRequest, unsignedNames, writeDigest, writeFields } from './snippets-request.ts'

/** C# for .NET 6 or later, as the Program.cs of a console project. */
export function csharpSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: quoted,
    number: String,
    time: 'DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()',
    token: 'Convert.ToHexString(RandomNumberGenerator.GetBytes(12))',
    map: (entries) =>
      `new Dictionary<string, string> { ${entries.map(([name, value]) => `[${quoted(name)}] = ${quoted(value)}`).join(', ')} }`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  const namespaces = [
    'System',
    fields.length > 0 && 'System.Collections.Generic',
    (signing !== null || isQuery) && 'System.Linq',
    'System.Net.Http',
    bearer !== null && 'System.Net.Http.Headers',
    signing !== null && 'System.Security.Cryptography',
    fields.length > 0 && 'System.Text',
    hasBody && 'System.Text.Json',
  ]
  return program(
    '// .NET 6 or later, as Program.cs of a console project: dotnet run',
    namespaces.filter((name) => name !== false).map((name) => `using ${name};`),
    '',
    signing !== null && `var key = ${quoted(signing.key)};`,
    bearer !== null && `var accessToken = ${quoted(bearer)};`,
    fields.length > 0 && [
      'var fields = new Dictionary<string, object>',
      '{',
      fields.map(([name, value]) => `    [${quoted(name)}] = ${value},`),
      '};',
      '',
    ],
    signing !== null && [
      '// The signed fields that are not empty, sorted by name, raw.',
      unsigned.length > 0 && `string[] unsigned = { ${unsigned.map(quoted).join(', ')} };`,
      'var canonical = string.Join("&", fields',
      `    .Where(field => ${unsigned.length > 0 ? '!unsigned.Contains(field.Key) && ' : ''}!field.Value.Equals(""))`,
      '    .OrderBy(field => field.Key, StringComparer.Ordinal)',
      '    .Select(field => $"{field.Key}={field.Value}"));',
      writeDigest(signing, digestWriter).lines,
      'fields["sign"] = Convert.ToHexString(digest).ToLowerInvariant();',
      '',
    ],
    'using var client = new HttpClient();',
    isQuery && 'var query = string.Join("&", fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value.ToString()!)}"));',
    `using var request = new HttpRequestMessage(HttpMethod.${method === 'GET' ? 'Get' : 'Post'}, ${quoted(url)}${isQuery ? ' + "?" + query' : ''});`,
    bearer !== null && 'request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);',
    hasBody && 'request.Content = new StringContent(JsonSerializer.Serialize(fields), Encoding.UTF8, "application/json");',
    'using var response = await client.SendAsync(request);',
    'Console.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");',
  )
}

/** In the form for `lobbykey explain --text`. */
const printLine = 'Console.Error.WriteLine(text.Replace(key, "KEY")); // for lobbykey explain --text'

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({
    lines: ['var text = $"{key}&{canonical}";', printLine, `var digest = ${hash.toUpperCase()}.HashData(Encoding.UTF8.GetBytes(text));`],
  }),
  hmac: (hash) => ({
    lines: [
      'var text = canonical;',
      printLine,
      `var digest = HMAC${hash.toUpperCase()}.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text));`,
    ],
  }),
}
