import assert from 'node:assert/strict'
import type { Answer, TestGateway } from './gateway.ts'

interface EnterOptions {
  readonly headers?: Record<string, string>
  readonly address?: string
  /** Whether the browser keeps cookies. */
  readonly hasCookies?: boolean
}

/** Opens a lobby URL and posts the page's form, like a browser. Returns the answer to the post, and the cookie that it set. */
export async function arrive(gateway: TestGateway, url: string, options: EnterOptions = {}): Promise<Answer & { cookie: string }> {
  const { headers = {}, hasCookies = true, ...from } = options
  const arrival = await gateway.request('GET', url, { headers, ...from })
  assert.equal(arrival.status, 200, arrival.text)
  return postForm(gateway, arrival, { headers, hasCookies, ...from })
}

/** Presses the button of an arrival. */
export async function postForm(gateway: TestGateway, page: Answer, options: EnterOptions = {}): Promise<Answer & { cookie: string }> {
  const { headers = {}, hasCookies = true, ...from } = options
  const kept = hasCookies ? [headers.cookie, ...cookiesOf(page)].filter((one) => one !== undefined).join('; ') : ''
  const answer = await gateway.request('POST', '/lobby', {
    ...from,
    headers: { ...ownForm(gateway), ...headers, ...(kept === '' ? {} : { cookie: kept }) },
    body: String(fieldsOf(page.text)),
  })
  return { ...answer, cookie: cookiesOf(answer).find((one) => !/probe|=$/.test(one)) ?? '' }
}

/** Headers of a form that a page of the gateway posts. */
export function ownForm(gateway: TestGateway): Record<string, string> {
  return { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(gateway.publicUrl).origin, 'sec-fetch-site': 'same-origin' }
}

export function fieldsOf(page: string): URLSearchParams {
  const unescaped = (text: string) => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  return new URLSearchParams([...inputs].map(([, name = '', value = '']) => [name, unescaped(value)]))
}

function cookiesOf({ headers }: Answer): string[] {
  return [headers['set-cookie'] ?? []].flat().map((one) => String(one).split(';', 1)[0] ?? '')
}

/** Where a browser stands that was let in: a URL that opens nothing. */
export const atHome = /\/lobby\?language=[\w-]+&agent_id=agent001$/
