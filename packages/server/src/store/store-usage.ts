import { isGatewayError } from '@lobbykey/contract'
import { Buckets, durationBoundsMs } from '../core/base/histogram.ts'
import { inSpan, type SpanOptions } from '../core/base/spans.ts'
import type { Database } from './sql/database.ts'
import type { StoreOperation, StoreUsage } from './store.ts'

/** A database that counts its operations. */
export function counted(database: Database): { database: Database; usage: StoreUsage } {
  const durationsMs = {
    read: new Buckets(durationBoundsMs),
    transaction: new Buckets(durationBoundsMs),
    login: new Buckets(durationBoundsMs),
  }
  const errors = { unavailable: 0, fault: 0 }
  const system = database.dialect === 'postgres' ? 'postgresql' : 'sqlite'
  const spanOf = (operation: StoreOperation): readonly [string, SpanOptions] => [
    `store ${operation}`,
    { kind: 'client', attributes: { 'db.system.name': system, 'db.operation.name': operation } },
  ]
  const spanOptions = { read: spanOf('read'), transaction: spanOf('transaction'), login: spanOf('login') }
  const count = async <T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now()
    try {
      return await inSpan(...spanOptions[operation], work)
    } catch (error) {
      if (!isGatewayError(error)) errors.fault++
      else if (error.key === 'store_unavailable') errors.unavailable++
      throw error
    } finally {
      durationsMs[operation].observe(performance.now() - begun)
    }
  }
  return {
    usage: { durationsMs, errors, connections: () => database.connections() },
    database: {
      dialect: database.dialect,
      run: (work) => count('read', () => database.run(work)),
      transaction: (work) => count('transaction', () => database.transaction(work)),
      unsynced: (work) => count('transaction', () => database.unsynced(work)),
      exclusively: (work) => database.exclusively(work),
      login: (batch) => count('login', () => database.login(batch)),
      loginWithin: (tx, batch) => database.loginWithin(tx, batch),
      durabilityProblems: () => database.durabilityProblems(),
      limitProblems: () => database.limitProblems(),
      connections: () => database.connections(),
      close: () => database.close(),
    },
  }
}
