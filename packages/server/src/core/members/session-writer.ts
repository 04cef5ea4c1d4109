import type { LoginOutcome, LoginWrite, MemberSessionStore } from '../../store/store.ts'
import { type CommitQueue, GroupCommit } from '../base/group-commit.ts'

/** Most logins per statement; larger batches are not worth it. */
const batchMax = 256
/** Most waiting logins: some 50 MB. */
const queueMax = 16_384

type Outcome = Exclude<LoginOutcome, 'retry'>

/**
 * Writes member logins in groups: one statement, one transaction, one sync for all that arrive together. Logins under terms need more
 * statements and have separate groups, so that others never wait for them.
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
    // One login at a time per member: each must see the previous session.
    this.#underTerms = new GroupCommit({ ...options, keysOf: (login) => [...requestKeys(login), memberKey(login)] })
  }

  /** For the metrics. */
  get queues(): Readonly<Record<'member_login' | 'member_login_terms', CommitQueue>> {
    return { member_login: this.#plain, member_login_terms: this.#underTerms }
  }

  /** Resolves when the session is durable. @throws GatewayError queue_full, store_unavailable */
  write(login: LoginWrite): Promise<Outcome> {
    return (login.terms === undefined ? this.#plain : this.#underTerms).submit(login)
  }

  /** Resolves when the logins being written now have been answered. */
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

/** 30 bits of a digest: unlikely to collide among 256 logins. */
function shortKey(digest: Uint8Array): number {
  const [first, second, third, fourth] = [digest[0] ?? 0, digest[1] ?? 0, digest[2] ?? 0, digest[3] ?? 0]
  return (first | (second << 8) | (third << 16) | (fourth << 24)) >>> 2
}

function memberKey({ request, userId }: LoginWrite): string {
  return `member ${request.agentId}\n${userId}`
}
