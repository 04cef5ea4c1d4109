/** How a program prints the text that it hashes, with KEY in place of the key, by the name of its HTTP library. */
const lines: readonly (readonly [userAgent: RegExp, line: string])[] = [
  [/\bPHP\b|guzzle|symfony/i, "error_log(str_replace($key, 'KEY', $text));"],
  [/python|aiohttp|httpx/i, "print(text.replace(key, 'KEY'), file=sys.stderr)"],
  [/\bgo-http-client|go-resty|\bgo\//i, 'fmt.Fprintln(os.Stderr, strings.ReplaceAll(text, key, "KEY"))'],
  [/\bjava\b|okhttp|apache-httpclient|reactornetty/i, 'System.err.println(text.replace(key, "KEY"));'],
  [/\.net|restsharp|\bdotnet/i, 'Console.Error.WriteLine(text.Replace(key, "KEY"));'],
  [/ruby|faraday/i, "warn text.gsub(key, 'KEY')"],
  [/^node\b|undici|axios|node-fetch|\bgot\b|\bbun\b|\bdeno\b/i, "console.error(text.replaceAll(key, 'KEY'))"],
  [/^curl\b|wget/i, 'printf "%s" "$text" >&2'],
]

/** Null for browsers and unknown clients. */
export function printLineFor(userAgent: string | undefined): string | null {
  return lines.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1] ?? null
}
