/**
 * Recognises a media type without parameters or with charset UTF-8 alone, in any spelling that clients send (RFC 9110, section 8.3.1; `utf8` without
 * its hyphen; a trailing semicolon).
 */
export function utf8MediaType(type: string): RegExp {
  return new RegExp(`^${type.replaceAll(/[.+]/g, '\\$&')}(?:\\s{0,8};\\s{0,8}charset=(?:utf-?8|"utf-?8"))?\\s{0,8}(?:;\\s{0,8})?$`, 'i')
}
