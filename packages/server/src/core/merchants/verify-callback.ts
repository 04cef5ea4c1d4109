import { GatewayError, parameterError, printable } from '@lobbykey/contract'
import { isLoopbackHost } from '../base/loopback-host.ts'

/**
 * Schemes that are no partner's app: they run something, read files, install or dial, or stand for another URL; whatever a list says, no callback has one.
 * Beside browsers' own ones, those that Chromium hands to no program, and those of programs that a link has been able to make run something.
 */
const neverSchemes = new Set(
  [
    'about blob cid content data feed file filesystem ftp ftps gopher http https jar javascript livescript mhtml mid mocha resource urn view-source ws wss wyciwyg',
    'brave chrome devtools edge googlechrome googlechromes microsoft-edge opera vivaldi',
    'afp applescript disk disks hcp help ie.http its mk nntp res search shell vbscript vnd.ms.radio',
    'dav davs ldap ldaps nfs rlogin sftp smb ssh telnet vnc webcal webdav',
    'android-app app-prefs app-settings intent market prefs shortcuts workflow',
    'callto facetime facetime-audio geo mailto mms mmsto sip sips sms smsto tel wtai',
  ]
    .join(' ')
    .split(' ')
    .map((scheme) => `${scheme}:`),
)

/** The same by families: Windows' handlers (`ms-msdt`, `search-ms`), browsers' extensions and pages, Apple's stores and settings. */
const neverFamilies = /^(?:(?:chrome|itms|moz|ms|safari|x-apple|x-safari)-|itms|search-ms|web\+|x-apple\.)/

function notListed(unlisted: string, shown: string): GatewayError {
  const message = `callback has the ${shown}, which is not on the merchant's list of callbacks: the operator can add it`
  return new GatewayError('invalid_parameter', { message, field: 'callback', unlisted })
}

/**
 * An app's link as lists name it and callbacks are compared by: scheme, host and path, as the parser writes them. `new URL(…).origin` is "null" for
 * all of them. Null for anything else.
 */
export function appLinkKey(text: string): string | null {
  if (text.length > 2048 || !/^[a-z][a-z0-9+.-]{1,31}:\/\/[A-Za-z0-9._~-][^\s\\\u0000-\u001f\u007f]*$/i.test(text)) return null
  const url = URL.parse(text)
  if (url === null || neverSchemes.has(url.protocol) || neverFamilies.test(url.protocol)) return null
  if (url.host === '' || url.username !== '' || url.password !== '' || /[@%*]/.test(url.host)) return null
  return `${url.protocol}//${url.host}${url.pathname}`
}

/**
 * Holds a callback to the merchant's list (check 34): by exact origin where it is https, or http on loopback where allowed; an app's link by scheme, host
 * and path. No user info.
 * @returns the URL as the parser writes it, which is the one that was judged
 * @throws GatewayError invalid_parameter
 */
export function verifyCallback(callback: string, listed: readonly string[], allowLoopback: boolean): string {
  if (!/^https?:/i.test(callback)) {
    const key = appLinkKey(callback)
    if (key !== null && listed.includes(key)) return new URL(callback).href
    if (key !== null) throw notListed(key, `app link ${printable(key)}`)
  }
  const url = /^https?:\/\/[^/]/.test(callback) ? URL.parse(callback) : null
  if (url === null) throw parameterError('callback', "must be an absolute https URL, or an app's link that the merchant's list names")
  const isLoopbackHttp = url.protocol === 'http:' && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(allowLoopback && isLoopbackHttp)) throw parameterError('callback', 'must be an https URL')
  if (url.username !== '' || url.password !== '') throw parameterError('callback', 'must not carry user info')
  if (!listed.includes(url.origin)) throw notListed(url.origin, `origin ${url.origin}`)
  return url.href
}
