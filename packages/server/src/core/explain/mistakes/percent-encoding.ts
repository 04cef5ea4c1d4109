/** How languages percent-encode. None throws: malformed text is replaced first. */

/** JavaScript's encodeURIComponent: leaves `!'()*`. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** RFC 3986: PHP rawurlencode, Python quote with nothing safe. */
export function strictlyEncoded(text: string): string {
  return percentEncoded(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** application/x-www-form-urlencoded: PHP urlencode, Python quote_plus. */
export function formEncoded(text: string): string {
  return strictlyEncoded(text).replaceAll('%20', '+').replaceAll('~', '%7E')
}

/** .NET prints escapes in lower case. */
export function lowerHex(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
}

export const encoders: readonly ((text: string) => string)[] = [
  percentEncoded,
  formEncoded,
  strictlyEncoded,
  (text) => strictlyEncoded(text).replaceAll('%20', '+'),
  // Java's URLEncoder keeps the asterisk and encodes the tilde.
  (text) => formEncoded(text).replaceAll('%2A', '*'),
  // Python's quote keeps the slash.
  (text) => strictlyEncoded(text).replaceAll('%2F', '/'),
  (text) => lowerHex(percentEncoded(text)),
  (text) => lowerHex(formEncoded(text)),
  (text) => lowerHex(strictlyEncoded(text)),
  (text) => lowerHex(percentEncoded(text).replaceAll('%20', '+')),
  (text) => encodeURI(text.toWellFormed()),
  (text) => percentEncoded(percentEncoded(text)),
  // Go's PathEscape.
  (text) => strictlyEncoded(text).replace(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent),
  (text) => text.replaceAll(' ', '%20'),
  (text) => text.replaceAll(' ', '+'),
]

/** Returns the text unchanged if it does not decode. */
export const decoders: readonly ((text: string) => string)[] = [
  decoded,
  (text) => decoded(text.replaceAll('+', ' ')),
  (text) => text.replaceAll('+', ' '),
  (text) => decoded(decoded(text)),
]

function decoded(text: string): string {
  // One escape at a time if the whole does not decode, as lenient decoders do.
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/%[0-7][0-9A-Fa-f]/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
  }
}
