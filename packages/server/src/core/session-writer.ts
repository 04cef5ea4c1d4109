import type { LoginOutcome, LoginWrite, MemberSessionStore } from '../store/store.ts'
import { GroupCommit } from './group-commit.ts'

/** Largest number of logins that share one statement: beyond it a batch's time grows faster than its gain. */
const batchMax = 256
/** Logins waiting to be written; at 5,000 a second this is under a second's worth. */
const queueMax = 4_096

/** Writes member logins in groups: one statement, one transaction, one sync for all that arrive together. */
export class SessionWriter {
  readonly #group: GroupCommit<LoginWrite, Exclude<LoginOutcome, 'retry'>>

  constructor(store: MemberSessionStore, dialect: 'sqlite' | 'postgres') {
    this.#group = new GroupCommit({
      commit: (batch) => store.login(batch),
      keysOf: (write) => [
        Buffer.from(write.tokenHash).toString('latin1'),
        `${write.request.agentId}\n${Buffer.from(write.request.signature).toString('latin1')}`,
      ],
      batchMax,
      queueMax,
      // SQLite has one writer. On PostgreSQL a second batch is prepared while the first one syncs.
      lanes: dialect === 'sqlite' ? 1 : 2,
    })
  }

  /** Resolves when the session is durable. @throws GatewayError queue_full, store_unavailable */
  write(login: LoginWrite): Promise<Exclude<LoginOutcome, 'retry'>> {
    return this.#group.submit(login)
  }

  drain(): Promise<void> {
    return this.#group.drain()
  }
}
