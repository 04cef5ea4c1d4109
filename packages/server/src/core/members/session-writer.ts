import type { LoginOutcome, LoginWrite, MemberSessionStore } from '../../store/store.ts'
import { type CommitQueue, GroupCommit } from '../base/group-commit.ts'

/** Largest number of logins that share one statement: beyond it a batch's time grows faster than its gain. */
const batchMax = 256
/** Logins waiting to be written; at 5,000 a second this is under a second's worth. */
const queueMax = 4_096

type Outcome = Exclude<LoginOutcome, 'retry'>

/**
 * Writes member logins in groups: one statement, one transaction, one sync for all that arrive together. Logins held to terms need more
 * than one statement and have groups of their own, so that the others never wait for them.
 */
export class SessionWriter {
  readonly #plain: GroupCommit<LoginWrite, Outcome>
  readonly #underTerms: GroupCommit<LoginWrite, Outcome>

  constructor(store: MemberSessionStore, dialect: 'sqlite' | 'postgres') {
    const options = {
      commit: (batch: readonly LoginWrite[]) => store.login(batch),
      batchMax,
      queueMax,
      // SQLite has one writer. On PostgreSQL a second batch is prepared while the first one syncs.
      lanes: dialect === 'sqlite' ? 1 : 2,
      holdsLoop: dialect === 'sqlite',
    }
    this.#plain = new GroupCommit({ ...options, keysOf: requestKeys })
    // Of one member, one login at a time: each must see the session of the one before.
    this.#underTerms = new GroupCommit({ ...options, keysOf: (login) => [...requestKeys(login), memberKey(login)] })
  }

  /** By what they write, for the metrics. */
  get queues(): Readonly<Record<'member_login' | 'member_login_terms', CommitQueue>> {
    return { member_login: this.#plain, member_login_terms: this.#underTerms }
  }

  /** Resolves when the session is durable. @throws GatewayError queue_full, store_unavailable */
  write(login: LoginWrite): Promise<Outcome> {
    return (login.terms === undefined ? this.#plain : this.#underTerms).submit(login)
  }

  /** Resolves when the logins that are being written now have been answered. */
  async answered(): Promise<void> {
    await Promise.all([this.#plain.answered(), this.#underTerms.answered()])
  }

  async drain(): Promise<void> {
    await Promise.all([this.#plain.drain(), this.#underTerms.drain()])
  }
}

function requestKeys({ tokenHash, request }: LoginWrite): number[] {
  return [shortKey(tokenHash), shortKey(request.signature)]
}

/** 30 bits of a digest: of 256 logins no two are likely to share them by chance. */
function shortKey(digest: Uint8Array): number {
  const [first, second, third, fourth] = [digest[0] ?? 0, digest[1] ?? 0, digest[2] ?? 0, digest[3] ?? 0]
  return (first | (second << 8) | (third << 16) | (fourth << 24)) >>> 2
}

function memberKey({ request, userId }: LoginWrite): string {
  return `member ${request.agentId}\n${userId}`
}
