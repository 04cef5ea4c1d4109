import { sql } from 'kysely'
import type { Connection, Database } from './sql/database.ts'
import { forgetChangesAfter } from './sql/log.ts'

/** Thrown to roll back a rehearsal. */
class Rehearsed<T> extends Error {
  readonly result: T

  constructor(result: T) {
    super('a rehearsal is rolled back')
    this.result = result
  }
}

/** Runs work on a database, all of it in one transaction. */
export function inOneTransaction<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  return database.transaction((tx) => work(within(database, tx)))
}

/**
 * Runs work on a database and rolls everything back: the same statements and constraints, in one transaction. Returns or throws what `work` would.
 */
export async function rehearse<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  try {
    // What fails leaves the transaction as it is: the store knows what to try again, such as after a deadlock.
    return await inOneTransaction(database, async (inside) => {
      throw new Rehearsed(await work(inside))
    })
  } catch (error) {
    if (error instanceof Rehearsed) return error.result
    throw error
  }
}

/** The database as seen inside one of its transactions. Transactions within it come one after another. */
function within(database: Database, tx: Connection): Database {
  return {
    dialect: database.dialect,
    run: (work) => work(tx),
    transaction: (work) => nested(tx, work),
    unsynced: (work) => nested(tx, work),
    exclusively: (work) => work(tx),
    login: (batch) => database.loginWithin(tx, batch),
    loginWithin: (_tx, batch) => database.loginWithin(tx, batch),
    durabilityProblems: () => database.durabilityProblems(),
    limitProblems: () => database.limitProblems(),
    connections: () => database.connections(),
    close: async () => {},
  }
}

async function nested<T>(tx: Connection, work: (tx: Connection) => Promise<T>): Promise<T> {
  const forget = forgetChangesAfter(tx)
  await sql`savepoint nested`.execute(tx)
  try {
    const result = await work(tx)
    await sql`release savepoint nested`.execute(tx)
    return result
  } catch (error) {
    forget()
    // Where the whole transaction is lost already, this fails and the first error tells why.
    await sql`rollback to savepoint nested`.execute(tx).catch(() => {})
    await sql`release savepoint nested`.execute(tx).catch(() => {})
    throw error
  }
}
