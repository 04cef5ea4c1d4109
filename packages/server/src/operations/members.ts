import { lockedStatus, memberImportLinesMax, memberRow, parameterError, unlockedStatus } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { readLines } from '../core/base/line-import.ts'
import { type Kick, type KickScope, SessionAdmin } from '../core/member-sessions/session-admin.ts'
import { MemberAdmin } from '../core/members/member-admin.ts'
import { importMembers } from '../core/members/member-import.ts'
import type { MemberRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { beginAfter, readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `member.${string}`>

export function memberHandlers({ store, clock, isRehearsal = false }: OperationParts): Handlers<Names> {
  const adminOf = ({ origin, purpose }: Caller) => new MemberAdmin({ store, clock, origin, purpose })
  const sessionsOf = ({ origin }: Caller) => new SessionAdmin({ store, clock, origin })

  /** Rehearsing a large kick would block logins, and waits for no lobby. */
  const kick = async (caller: Caller, scope: KickScope, waitSeconds: number) => {
    const admin = sessionsOf(caller)
    if (isRehearsal) return { ended: await admin.countLive(scope), entered: 0, acknowledged: 0 }
    const { ended, open }: Kick = await admin.kick(scope)
    return { ended, entered: open.length, acknowledged: await admin.awaitAcknowledgements(open, waitSeconds) }
  }

  return {
    'member.list': async ({ agentId, q: prefix, name, status, after, ...page }, caller) => {
      const admin = adminOf(caller)
      if (name !== undefined) {
        const other = Object.entries({ q: prefix, status, after }).find(([, value]) => value !== undefined)
        if (other !== undefined) throw parameterError(other[0], 'does not go with name')
      }
      const found =
        name === undefined
          ? await readPage(
              beginAfter(page, after),
              ({ limit, after: key }) => admin.list(agentId, { limit, afterUserId: key, prefix, status }),
              ({ userId }) => userId,
              view,
            )
          : await readPage(
              page,
              ({ limit, after: key }) => admin.listByName(agentId, { limit, prefix: name, after: readNameKey(key) }),
              nameKey,
              view,
            )
      const by = Object.entries({ userId: prefix, name, status }).flatMap(([field, value]) => (value === undefined ? [] : [field]))
      await admin.noteView(agentId, undefined, { by, count: found.items.length })
      return found
    },

    'member.show': async ({ agentId, userId }, caller) => {
      const admin = adminOf(caller)
      const member = await admin.get(agentId, userId)
      await admin.noteView(agentId, userId, {})
      return view(member)
    },

    'member.add': async ({ agentId, userId, ...profile }, caller) => view(await adminOf(caller).add(agentId, userId, profile)),

    'member.import': async ({ agentId, form, text }, { origin }) => {
      const lines = readLines(text, { form, columns: Object.keys(memberRow.properties), linesMax: memberImportLinesMax })
      return importMembers(agentId, lines, { store, clock, origin, isRehearsal })
    },

    'member.update': async ({ agentId, userId, ...profile }, caller, expectation) =>
      view(await adminOf(caller).update(agentId, userId, profile, expectation)),

    'member.lock': async ({ agentId, userId, status = lockedStatus }, caller) => {
      await adminOf(caller).setStatus(agentId, userId, status)
      return { agentId, userId, status }
    },

    'member.unlock': async ({ agentId, userId }, caller) => {
      await adminOf(caller).setStatus(agentId, userId, unlockedStatus)
      return { agentId, userId, status: unlockedStatus }
    },

    'member.logout': async ({ agentId, userId }, caller) => {
      await adminOf(caller).logout(agentId, userId)
      return { agentId, userId }
    },

    'member.kick': async ({ agentId, userId, waitSeconds = 0 }, caller) => ({
      agentId,
      userId,
      ...(await kick(caller, { agentId, userId }, waitSeconds)),
    }),

    'member.kick-merchant': async ({ agentId, waitSeconds = 0 }, caller) => ({
      agentId,
      ...(await kick(caller, { agentId }, waitSeconds)),
    }),

    'member.kick-everybody': ({ waitSeconds = 0 }, caller) => kick(caller, {}, waitSeconds),

    'member.erase': async ({ agentId, userId }, caller) => {
      await adminOf(caller).erase(agentId, userId)
      return { agentId, userId, erased: true }
    },
  }
}

function view({ createdAt, updatedAt, ...member }: MemberRecord): AdminOutput<'member.show'> {
  return { ...member, createdAt: timeValue(createdAt), updatedAt: timeValue(updatedAt) }
}

/** Neither contains a space. */
function nameKey({ userName, userId }: MemberRecord): string {
  return `${userName} ${userId}`
}

function readNameKey(key: string | undefined): Pick<MemberRecord, 'userName' | 'userId'> | undefined {
  if (key === undefined) return undefined
  const [userName = '', userId = ''] = key.split(' ')
  return { userName, userId }
}
