/** How many times a path is decoded in search of tricks, since the server behind may decode it again. */
const decodingsMax = 3

/** RFC 3986, section 3.3, with complete percent-encodings. */
const pathForm = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/|[\]]|%[0-9A-Fa-f]{2})*$/

/**
 * Whether a path means the same to every server: no empty or dot segments, and no encoding that would produce one or another segment (check 58). Any
 * other path is not forwarded.
 */
export function isPlainPath(path: string): boolean {
  if (!pathForm.test(path) || !isUtf8(path)) return false
  let text = path
  for (let decodings = 0; decodings <= decodingsMax; decodings++) {
    if (!hasPlainSegments(text)) return false
    const decoded = decodeOnce(text)
    if (decoded === text) return true
    if (decoded === null) return false
    text = decoded
  }
  return false
}

/** Some servers cut off what follows a semicolon before they look for dots. */
function hasPlainSegments(path: string): boolean {
  const segments = path.slice(1).split('/')
  return segments.every((segment, index) => (segment === '' ? index === segments.length - 1 : !/^\.{0,2}(?:;|$)/.test(segment)))
}

/** Null when it hid a slash, a backslash or a control character. */
function decodeOnce(path: string): string | null {
  let isPlain = true
  const decoded = path.replace(/%([0-9A-Fa-f]{2})/g, (_whole, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16))
    if (/[/\\\u0000-\u001f\u007f]/.test(char)) isPlain = false
    return char
  })
  return isPlain ? decoded : null
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
