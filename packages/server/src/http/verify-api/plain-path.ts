/** How often a path is decoded in search of tricks: whoever reads it behind us may decode it again. */
const decodingsMax = 3

/** RFC 3986 section 3.3, with whole percent-encodings. */
const pathForm = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/|[\]]|%[0-9A-Fa-f]{2})*$/

/**
 * Whether a path means the same to whoever reads it: no empty or dot segments, and nothing encoded that would make some, or another
 * segment, when decoded (check 58). What is not plain is for nobody to pass on.
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

/** Some servers cut what follows a semicolon off before they look for dots. */
function hasPlainSegments(path: string): boolean {
  const segments = path.slice(1).split('/')
  return segments.every((segment, index) => (segment === '' ? index === segments.length - 1 : !/^\.{0,2}(?:;|$)/.test(segment)))
}

/** Null when a slash, a backslash or a control character was hidden in it. */
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
