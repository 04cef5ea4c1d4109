import { sellerColumns } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { normalizeEmailStart } from '../core/base/email-address.ts'
import { readLines } from '../core/base/line-import.ts'
import { hashPassword } from '../core/passwords/password-hasher.ts'
import { openSellerAdmin } from '../core/sellers/open-seller-admin.ts'
import { importSellers } from '../core/sellers/seller-import.ts'
import type { SellerRecord, SellerSession } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { labelOf } from './labels.ts'
import { beginAfter, readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `seller.${string}` | `seller-session.${string}`>

export function sellerHandlers(parts: OperationParts): Handlers<Names> {
  const { store, clock, sealer, settings, publicUrl, isRehearsal = false, slowly = (_name, work) => work() } = parts
  const hash = isRehearsal ? async () => '' : (prepared: string) => slowly(`hash of ${prepared}`, () => hashPassword(prepared, settings))
  const adminOf = async ({ origin }: Caller) => openSellerAdmin({ store, sealer: await sealer(), clock, settings, origin, hash })
  return {
    'seller.list': async ({ q, status, label, after, ...page }, caller) => {
      const prefix = q === undefined ? undefined : normalizeEmailStart(q)
      const admin = await adminOf(caller)
      return readPage(
        beginAfter(page, after === undefined ? undefined : normalizeEmailStart(after)),
        ({ limit, after: afterEmail }) => admin.list({ limit, afterEmail, prefix, status, label: labelOf(label) }),
        ({ email }) => email,
        view,
      )
    },

    'seller.show': async ({ sellerId }, caller) => view(await (await adminOf(caller)).get(sellerId)),

    'seller.add': async ({ email, password, labels }, caller) => view(await (await adminOf(caller)).add(email, password, labels)),

    'seller.update': async ({ sellerId, ...changes }, caller, expectation) =>
      view(await (await adminOf(caller)).update(sellerId, changes, expectation)),

    'seller.enable': async ({ sellerId }, caller) => {
      const admin = await adminOf(caller)
      await admin.setStatus(sellerId, 'enabled')
      return { ...named(await admin.get(sellerId)), status: 'enabled' }
    },

    'seller.disable': async ({ sellerId }, caller) => {
      const admin = await adminOf(caller)
      await admin.setStatus(sellerId, 'disabled')
      return { ...named(await admin.get(sellerId)), status: 'disabled' }
    },

    'seller.unlock': async ({ sellerId }, caller) => {
      const admin = await adminOf(caller)
      const { email, id } = await admin.get(sellerId)
      await admin.unlock(email)
      return { sellerId: id, email }
    },

    'seller.set-password': async ({ sellerId, password }, caller) => {
      const admin = await adminOf(caller)
      const { email, id } = await admin.get(sellerId)
      await admin.setPassword(email, password)
      return { sellerId: id, email }
    },

    'seller.reset': async ({ sellerId }, caller) => {
      const admin = await adminOf(caller)
      const { email, id } = await admin.get(sellerId)
      const base = await publicUrl()
      const { token, expiresAt } = await admin.issueResetToken(email)
      return { sellerId: id, email, url: `${base}/reset#${token}&${encodeURIComponent(email)}`, expiresAt: timeValue(expiresAt) }
    },

    'seller.end-sessions': async ({ sellerId }, caller) => {
      const admin = await adminOf(caller)
      const { email, id } = await admin.get(sellerId)
      return { sellerId: id, email, ended: await admin.endSessions(email) }
    },

    'seller.import': async ({ form, text }, { origin }) => {
      const options = { store: store.sellers, now: () => clock.now(), origin, isRehearsal }
      return importSellers(readLines(text, { form, columns: sellerColumns }), options)
    },

    'seller.delete': async ({ sellerId }, caller) => ({ ...named(await (await adminOf(caller)).remove(sellerId)), deleted: true }),

    'seller-session.list': async ({ sellerId, ...page }, caller) => {
      const admin = await adminOf(caller)
      const now = clock.now()
      const retirements = new Map((await store.signingKeys.list()).map(({ kid, retiredAt }) => [kid, retiredAt]))
      return readPage(
        page,
        ({ limit, after }) => admin.listSessions(sellerId, limit, readSessionKey(after)),
        ({ createdAt, sid }) => `${createdAt} ${sid}`,
        (session) => sessionView(session, retirements.get(session.kid) ?? null, now),
      )
    },

    'seller-session.end': async ({ sellerId, sid }, caller) => {
      const admin = await adminOf(caller)
      const seller = await admin.get(sellerId)
      return { ...named(seller), sid, ended: await admin.endSession(seller.email, sid) }
    },
  }
}

function readSessionKey(key: string | undefined): Pick<SellerSession, 'createdAt' | 'sid'> | undefined {
  const [, createdAt, sid = ''] = /^(\d{1,15}) (.*)$/.exec(key ?? '') ?? []
  return createdAt === undefined ? undefined : { createdAt: Number(createdAt), sid }
}

function named({ id, email }: SellerRecord): { sellerId: string; email: string } {
  return { sellerId: id, email }
}

function view({ id, email, status, labels, createdAt, updatedAt, lastLoginAt, needlessLogins }: SellerRecord): AdminOutput<'seller.show'> {
  return {
    sellerId: id,
    email,
    status,
    labels,
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
    lastLoginAt: timeValue(lastLoginAt),
    needlessLogins,
  }
}

/** @param keyRetiredAt when the key of its tokens was retired, which ends them; null while the key is in use */
function sessionView(
  session: SellerSession,
  keyRetiredAt: number | null,
  now: number,
): AdminOutput<'seller-session.list'>['items'][number] {
  const { sid, createdAt, address } = session
  const expiresAt = Math.min(session.idleExpiresAt, session.absoluteExpiresAt)
  const isCutOff = session.endedAt === null && keyRetiredAt !== null && keyRetiredAt < expiresAt
  const [endedAt, endReason] = isCutOff ? [keyRetiredAt, 'key retired'] : [session.endedAt, session.endReason]
  return {
    sid,
    state: endedAt !== null ? `ended: ${endReason}` : now < expiresAt ? 'live' : 'expired',
    createdAt: timeValue(createdAt),
    expiresAt: timeValue(expiresAt),
    endedAt: timeValue(endedAt),
    address,
  }
}
