import { isGatewayError } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'
import type { LobbyEntry } from '../../core/lobby-entry.ts'
import type { MemberSession } from '../../store/store.ts'
import { type Html, html, sendPage } from './page.ts'

/** `GET /lobby`: the default lobby URL. Shows who has entered, and with what. */
export async function lobbyPage(app: FastifyInstance, options: { lobby: LobbyEntry }): Promise<void> {
  app.get('/lobby', async (request, reply) => {
    const { agent_id: agentId, token } = request.query as Record<string, unknown>
    let session: MemberSession | null = null
    try {
      if (typeof agentId === 'string' && typeof token === 'string') session = (await options.lobby.open(agentId, token))?.session ?? null
    } catch (error) {
      if (!isGatewayError(error) || error.key !== 'store_unavailable') throw error
      sendPage(reply.header('retry-after', 1), {
        status: 503,
        title: 'Lobby',
        body: html`<h1>One moment</h1><p>The lobby cannot be reached just now. Please reload this page.</p>`,
      })
      return reply
    }
    if (session === null) {
      const body = html`<h1>This session is over</h1><p>It has ended or was never opened. Please go back to where you came from and enter again.</p>`
      sendPage(reply, { status: 404, title: 'Session over', body })
    } else {
      sendPage(reply, { title: `Lobby – ${session.userId}`, body: sessionBody(session) })
    }
    return reply
  })
}

function sessionBody(session: MemberSession): Html {
  const limits = Object.entries(JSON.parse(session.limits ?? '{}') as Record<string, string>)
  const facts: readonly (readonly [string, string])[] = [
    ['Merchant', session.agentId],
    ['Currency', session.currency],
    ['Language', session.language],
    ['Language pack', session.customLanguage ?? ''],
    ['Platform', session.platform],
    ['Game', session.gameCode ?? 'lobby'],
    ...limits.map(([key, ids]) => [`Limits ${key}`, ids.split(',').join(', ')] as const),
    ['Session until', new Date(session.expiresAt).toISOString()],
  ]
  const rows = facts.filter(([, value]) => value !== '').map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)
  const back = session.callback === null ? html`` : html`<p><a class="button" href="${session.callback}">Return</a></p>`
  return html`<h1>Welcome, ${session.userId}</h1><p class="soft">You have entered the lobby.</p><dl>${rows}</dl>${back}`
}
