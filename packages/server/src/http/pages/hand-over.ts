import { catalogue, GatewayError, parameterError } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import { addressKey } from '../../core/base/network-address.ts'
import { type Limiter, verifyAdmitted } from '../../core/limits/rate-limiter.ts'
import { acceptOnlyJson, readJsonBody } from '../json-body.ts'
import { reportError } from '../report-error.ts'
import { sendJson } from '../response-headers.ts'
import { setRetryAfter } from '../retry-after.ts'
import { oneTimeFragment } from './one-time-fragment.ts'
import { html, makePageStyles, sendPage, siteHeader } from './page.ts'

export interface HandOverPageOptions {
  /** Reveals a link's secret, once. @throws GatewayError invitation_over */
  readonly open: (
    token: string,
    visitor: { readonly address: string | null; readonly requestId: string },
  ) => Promise<{ readonly what: string; readonly secret: string; readonly agentId: string | null }>
  readonly limiter: Limiter
  readonly clock: Clock
  /** Whether there is a playground to try a merchant's key in. */
  readonly hasPlayground: boolean
}

/** Links opened per second and address: each one is a write. */
const opensPerSecond = 2

/**
 * `GET /hand-over`: the page of a one-time link to a secret; `POST /hand-over` with `{"token"}` reveals the secret, once. Opening requires a click,
 * so that link previews in messages use nothing up.
 */
export async function handOverPage(app: FastifyInstance, { open, limiter, clock, hasPlayground }: HandOverPageOptions): Promise<void> {
  acceptOnlyJson(app, 4_096)
  const body = bodyOf(hasPlayground)
  app.get('/hand-over', (_request, reply) => sendPage(reply, { title: 'A secret for you', header: siteHeader(null), body, styles }))
  app.post('/hand-over', {
    errorHandler: (error, request, reply) => {
      const { key, details } = reportError(error, request)
      setRetryAfter(reply, details.retryAfterMs)
      sendJson(reply, catalogue[key].http, { error: key, message: details.message ?? catalogue[key].cause })
    },
    handler: async (request, reply) => {
      const { clientAddress: address, id: requestId } = request
      await verifyAdmitted(limiter.take(`hand-over:${addressKey(address ?? 'unknown')}`, opensPerSecond, clock.now()), 'rate_limited')
      const { token, ...others } = readJsonBody(request, { depthMax: 1, keysMax: 4, plainNumbers: false }) ?? {}
      if (Object.keys(others).length > 0 || typeof token !== 'string') throw parameterError('token', 'is required, and all there is')
      if (!/^[\w-]{43}$/.test(token)) throw new GatewayError('invitation_over')
      sendJson(reply, 200, await open(token, { address, requestId }))
    },
  })
}

/** The buttons stay hidden without the script. */
const bodyOf = (hasPlayground: boolean) => html`<h1>A secret for you</h1>
<noscript><p>This page needs JavaScript, to keep your link out of the address bar and of every log.</p></noscript>
<div id="offer" hidden>
<p>This link shows a secret once. Have the place ready where it will be kept, and see to it that nobody looks over your shoulder.</p>
<p class="actions"><button id="show" class="button" type="button">Show it</button></p></div>
<div id="shown" hidden>
<p id="what"></p>
<pre id="secret"></pre>
<p class="actions"><button id="copy" class="button" type="button">Copy it</button></p>
<h2>What comes next</h2>
<p>Put it into the configuration of your program, such as an environment variable or a secret store, and never into its source code. It is not shown again: if it is lost, ask for a new one.</p>
${hasPlayground ? tryIt : ''}</div>
<p id="said" role="status"></p>`

const tryIt = html`<p id="try" hidden>To see a right signature, sign a first login with it in the <a href="/playground">playground</a>, which sends the key nowhere;
the <a href="/docs">reference</a> has every field. Then compare what your program sends.</p>`

const script = `
(() => {${oneTimeFragment}
const at = (id) => document.getElementById(id)
const say = (text) => { at('said').textContent = text }
const token = takeFragment()
if (token === '') return say('This address lacks its last part. Open the whole link again, as you were given it.')
at('offer').hidden = false
at('show').addEventListener('click', async () => {
  at('show').disabled = true
  say('One moment …')
  try {
    const answer = await fetch('hand-over', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) })
    const { what, secret, agentId } = await answer.json()
    if (answer.ok) {
      at('offer').remove()
      at('what').textContent = what + ':'
      at('secret').textContent = secret
      at('shown').hidden = false
      const trial = at('try')
      if (trial !== null && agentId !== null) {
        trial.hidden = false
        trial.querySelector('a').href += '#' + new URLSearchParams({ call: 'member.login', agent_id: agentId, merchant: 'own' })
      }
      return say('')
    }
    if (answer.status === 410) {
      at('offer').remove()
      return say('This link is no longer good: it was opened before, or is older than a day. If it was not you who opened it, say so at once to whoever sent it.')
    }
    say('That did not work just now. Your link is still good: try again in a moment.')
  } catch {
    say('The server could not be reached. Try again in a moment.')
  }
  at('show').disabled = false
})
at('copy').addEventListener('click', () => navigator.clipboard.writeText(at('secret').textContent).then(() => say('It is copied.'), () => say('Select it, and copy it by hand.')))
})()
`

const styles = makePageStyles({ script })
