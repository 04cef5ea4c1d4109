import type { AdminOutput } from '@lobbykey/contract/admin'
import { type OnlineSummary, SessionAdmin } from '../core/member-sessions/session-admin.ts'
import { sessionIdOf } from '../core/member-sessions/session-id.ts'
import { MemberAdmin } from '../core/members/member-admin.ts'
import type { MemberSession } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { beginAfter, readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `member-session.${string}`>

export function memberSessionHandlers({ store, clock }: OperationParts): Handlers<Names> {
  const adminOf = ({ origin }: Caller) => new SessionAdmin({ store, clock, origin })
  const viewsOf = ({ origin, purpose }: Caller) => new MemberAdmin({ store, clock, origin, purpose })
  return {
    'member-session.list': async ({ agentId, userId, after, ...page }, caller) => {
      const found = await readPage(
        beginAfter(page, after),
        ({ limit, after: key }) => adminOf(caller).list(agentId, { limit, userId, ...readSessionKey(key) }),
        (session) => `${session.userId} ${sessionIdOf(session)}`,
        view,
      )
      await viewsOf(caller).noteView(agentId, userId, { sessions: found.items.length })
      return found
    },

    'member-session.show': async ({ agentId, sessionId }, caller) => {
      const session = await adminOf(caller).get(agentId, sessionId)
      await viewsOf(caller).noteView(agentId, session.userId, { sessionId })
      return view(session)
    },

    'member-session.end': async ({ agentId, sessionId }, caller) => {
      const admin = adminOf(caller)
      const { userId } = await admin.get(agentId, sessionId)
      return { agentId, sessionId, userId, ended: (await admin.end(agentId, sessionId)) !== null }
    },

    'member-session.count': (_input, caller) => adminOf(caller).countAll(caller.agentIds),

    'member-session.summary': async ({ agentId }, caller) => summaryView(await adminOf(caller).summarize(agentId)),

    'member-session.summaries': (page, caller) =>
      readPage(
        page,
        ({ limit, after: afterAgentId }) => adminOf(caller).summarizeMany({ limit, afterAgentId, agentIds: caller.agentIds ?? undefined }),
        ({ agentId }) => agentId,
        summaryView,
      ),
  }
}

/** The key of a session, or of a member after all of whose sessions the page begins. */
function readSessionKey(key: string | undefined) {
  const [afterUserId, afterSessionId] = key?.split(' ') ?? []
  return { afterUserId, afterSessionId }
}

function view(session: MemberSession): AdminOutput<'member-session.show'> {
  const { agentId, userId, kind, platform, language, currency, gameCode, createdAt, expiresAt, enteredAt, endedAt, endReason } = session
  return {
    sessionId: sessionIdOf(session),
    agentId,
    userId,
    kind,
    platform,
    language,
    currency,
    gameCode,
    createdAt: timeValue(createdAt),
    expiresAt: timeValue(expiresAt),
    enteredAt: timeValue(enteredAt),
    endedAt: timeValue(endedAt),
    endReason,
  }
}

function summaryView({ byPlatform, byCurrency, byGame, ...summary }: OnlineSummary): AdminOutput<'member-session.summary'> {
  return { ...summary, byPlatform: { ...byPlatform }, byCurrency: { ...byCurrency }, byGame: { ...byGame } }
}
