import { type DigestWriter, program, type SnippetRequest, unsignedNames, writeDigest, writeFields } from './snippets-request.ts'

/** PHP 7.4 or later, without extensions. */
export function phpSnippet(request: SnippetRequest): string {
  const { method, url, signing, bearer } = request
  const unsigned = unsignedNames(request)
  const fields = writeFields(request.fields, {
    text: phpText,
    number: String,
    time: '(int) (microtime(true) * 1000)',
    token: 'bin2hex(random_bytes(12))',
    map: (entries) => `[${entries.map(([name, value]) => `${phpText(name)} => ${phpText(value)}`).join(', ')}]`,
  })
  const isQuery = method === 'GET' && fields.length > 0
  const hasBody = method === 'POST' && fields.length > 0
  return program(
    '<?php',
    '// PHP 7.4 or later: php call.php',
    signing !== null && `$key = ${phpText(signing.key)};`,
    bearer !== null && `$accessToken = ${phpText(bearer)};`,
    fields.length > 0 && ['$fields = [', fields.map(([name, value]) => `    ${phpText(name)} => ${value},`), '];', ''],
    signing !== null && [
      '// The signed fields that are not empty, sorted by name, raw.',
      unsigned.length > 0 && `$unsigned = [${unsigned.map(phpText).join(', ')}];`,
      '$pairs = [];',
      'ksort($fields, SORT_STRING);',
      'foreach ($fields as $name => $value) {',
      `    if (${unsigned.length > 0 ? '!in_array($name, $unsigned, true) && ' : ''}$value !== '') {`,
      '        $pairs[] = "$name=$value";',
      '    }',
      '}',
      "$canonical = implode('&', $pairs);",
      writeDigest(signing, digestWriter).lines,
      '',
    ],
    `$response = file_get_contents(${phpText(url)}${isQuery ? " . '?' . http_build_query($fields)" : ''}, false, stream_context_create(['http' => [`,
    `    'method' => ${phpText(method)},`,
    bearer !== null && `    'header' => "Authorization: Bearer $accessToken",`,
    hasBody && ["    'header' => 'Content-Type: application/json',", "    'content' => json_encode($fields),"],
    // An answer of 4xx is an answer too.
    "    'ignore_errors' => true,",
    ']]));',
    'echo $response, "\\n";',
  )
}

function phpText(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

/** In the form for `lobbykey explain --text`. */
const printLine = 'fwrite(STDERR, str_replace($key, \'KEY\', $text) . "\\n"); // for lobbykey explain --text'

const digestWriter: DigestWriter = {
  'key-in-text': (hash) => ({ lines: ["$text = $key . '&' . $canonical;", printLine, `$fields['sign'] = hash('${hash}', $text);`] }),
  hmac: (hash) => ({ lines: ['$text = $canonical;', printLine, `$fields['sign'] = hash_hmac('${hash}', $text, $key);`] }),
}
