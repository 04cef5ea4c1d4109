import type { Connection, Database } from './sql/database.ts'

/** Thrown to roll back a rehearsal. */
class Rehearsed extends Error {}

/**
 * Runs work on a database and rolls everything back: the same statements and constraints, in one transaction. Returns or throws what `work` would.
 */
export async function rehearse<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  const outcome = Promise.withResolvers<T>()
  // It may reject before the rollback is done, and is awaited after that.
  outcome.promise.catch(() => {})
  try {
    await database.transaction(async (tx) => {
      await work(within(database, tx)).then(outcome.resolve, outcome.reject)
      throw new Rehearsed()
    })
  } catch (error) {
    if (!(error instanceof Rehearsed)) throw error
  }
  return await outcome.promise
}

/** The database as seen inside one of its transactions. */
function within(database: Database, tx: Connection): Database {
  return {
    dialect: database.dialect,
    run: (work) => work(tx),
    transaction: (work) => work(tx),
    exclusively: (work) => work(tx),
    login: (batch) => database.loginWithin(tx, batch),
    loginWithin: (_tx, batch) => database.loginWithin(tx, batch),
    durabilityProblems: () => database.durabilityProblems(),
    limitProblems: () => database.limitProblems(),
    connections: () => database.connections(),
    close: async () => {},
  }
}
