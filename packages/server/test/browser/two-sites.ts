import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { memberLock, memberLogout } from '@lobbykey/contract'
import type { Frame, Page } from 'playwright-core'
import { BrandAdmin, type BrandChanges } from '../../src/core/brands/brand-admin.ts'
import { MemberAdmin } from '../../src/core/members/member-admin.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { freePort } from '../support/server-process.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'

/** A gateway at one site, and pages of a merchant's at another, which frame what they are told to. */
export class TwoSites {
  readonly gateway: TestGateway
  readonly merchantOrigin: string
  readonly #closing: (() => void)[]

  private constructor(gateway: TestGateway, merchantOrigin: string, closing: (() => void)[]) {
    this.gateway = gateway
    this.merchantOrigin = merchantOrigin
    this.#closing = closing
  }

  static async start(scheme: 'http' | 'https'): Promise<TwoSites> {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-frame-'))
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'cert')]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', ...files], {
      stdio: 'ignore',
    })
    const tls = { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) }
    rmSync(folder, { recursive: true })

    const port = await freePort()
    const gateway = await startTestGateway({ settings: { publicUrl: `${scheme}://127.0.0.1:${port}` } })
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.hearChanges()
    const closing: (() => void)[] = []
    if (scheme === 'http') await gateway.app.listen({ host: '127.0.0.1', port })
    else {
      const inner = new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 }))
      const front = createTlsServer(tls, (socket) => {
        const back = connect(Number(inner.port), '127.0.0.1')
        for (const one of [socket, back]) one.on('error', () => {})
        socket.pipe(back).pipe(socket)
      })
      await new Promise<void>((resolve) => front.listen(port, '127.0.0.1', resolve))
      closing.push(() => front.close())
    }

    const show: RequestListener = (request, response) => {
      const target = new URL(request.url ?? '/', 'http://x').searchParams.get('frame') ?? ''
      const src = target.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><iframe src="${src}" width="390" height="800"></iframe>`)
    }
    const merchant: Server = scheme === 'http' ? createHttpServer(show) : createHttpsServer(tls, show)
    await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve))
    closing.push(() => merchant.close())
    const merchantOrigin = `${scheme}://localhost:${(merchant.address() as AddressInfo).port}`
    await gateway.updateMerchant({ settings: { launch: 'ticket', frameAncestors: [merchantOrigin], callbackOrigins: [merchantOrigin] } })
    return new TwoSites(gateway, merchantOrigin, closing)
  }

  async logIn(changes: Body = {}): Promise<string> {
    this.gateway.clock.advance(1)
    const { json } = await this.gateway.post('/api/member/login', signed(loginBody(this.gateway.clock.now(), changes)))
    return (json as { data: { url: string } }).data.url
  }

  /** The frame within a page of the merchant's. */
  async framed(page: Page, url: string, origin = this.merchantOrigin): Promise<Frame> {
    await page.goto(`${origin}/?${new URLSearchParams({ frame: url })}`, { waitUntil: 'commit' })
    await page.locator('iframe').waitFor()
    const frame = page.frames()[1] ?? assert.fail()
    return frame
  }

  async dress(changes: BrandChanges): Promise<void> {
    const { store, clock } = this.gateway
    await new BrandAdmin({ store: store.brands, merchants: store.merchants, clock, origin: { surface: 'cli' } }).set('agent001', changes)
    await this.gateway.hearChanges()
  }

  async end(): Promise<void> {
    this.gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: this.gateway.clock.now() }
    await this.gateway.post(memberLogout.path, signed(body, { call: memberLogout }))
    await this.gateway.hearChanges()
  }

  async kick(): Promise<void> {
    const { store, clock } = this.gateway
    clock.advance(1)
    await new MemberAdmin({ store, clock, origin: { surface: 'cli' } }).logout('agent001', 'uid001')
    await this.gateway.hearChanges()
  }

  async lock(status: string): Promise<void> {
    this.gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: this.gateway.clock.now(), status }
    await this.gateway.post(memberLock.path, signed(body, { call: memberLock }))
    await this.gateway.hearChanges()
  }

  async close(): Promise<void> {
    for (const close of this.#closing) close()
    await this.gateway.close()
  }
}
