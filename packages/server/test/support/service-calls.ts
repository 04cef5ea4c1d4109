import { ServiceAdmin } from '../../src/core/services/service-admin.ts'
import type { Answer, RequestOptions, TestGateway } from './gateway.ts'

export interface Credentials {
  readonly id: string
  readonly secret: string
}

let count = 0

export function serviceAdmin({ store, clock }: TestGateway): ServiceAdmin {
  return new ServiceAdmin({ store: store.services, clock, origin: { surface: 'cli' } })
}

/** Registers a service like the command line, and makes the gateway reload it. */
export async function addService(gateway: TestGateway): Promise<Credentials> {
  count += 1
  const id = `service-${count}`
  const secret = await serviceAdmin(gateway).add(id)
  await gateway.hearChanges()
  return { id, secret }
}

export function basic({ id, secret }: Credentials): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` }
}

/** Posts a form, URL-encoding its values. */
export function postForm(
  gateway: TestGateway,
  path: string,
  form: Record<string, string> | string,
  options: RequestOptions = {},
): Promise<Answer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...options.headers }
  return gateway.request('POST', path, { ...options, headers, body })
}

export function introspect(gateway: TestGateway, service: Credentials, token: string): Promise<Answer> {
  return postForm(gateway, '/oauth/introspect', { token }, { headers: basic(service) })
}

export function revoke(gateway: TestGateway, service: Credentials, token: string): Promise<Answer> {
  return postForm(gateway, '/oauth/revoke', { token }, { headers: basic(service) })
}
