import type { MetaStore } from '../../store/store.ts'
import { masterKeyFingerprint, SealError, Sealer } from './sealer.ts'

const metaName = 'master-key-check'
const constant = Buffer.from('this store belongs to this master key')

/** The store was first used with another master key. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError'
}

/**
 * Binds the store to the master key on first use, and returns the sealer for its secrets.
 * @throws MasterKeyError if the store is bound to another key
 */
export async function claimMasterKey(meta: MetaStore, masterKey: Uint8Array): Promise<Sealer> {
  const sealer = new Sealer(masterKey)
  const mark = Buffer.concat([Buffer.from(masterKeyFingerprint(masterKey)), sealer.seal(constant, metaName)])
  const problem = judge(await meta.putIfAbsent(metaName, mark), masterKey)
  if (problem !== null) throw new MasterKeyError(problem)
  return sealer
}

/** Explains to the operator why this master key is not the store's; null if it is, or if the store has none yet. Writes nothing. */
export async function findMasterKeyProblem(meta: MetaStore, masterKey: Uint8Array): Promise<string | null> {
  const mark = await meta.find(metaName)
  return mark === null ? null : judge(mark, masterKey)
}

/** A mark is the master key's fingerprint in the clear, and a constant encrypted under the key. */
function judge(mark: Uint8Array, masterKey: Uint8Array): string | null {
  const given = masterKeyFingerprint(masterKey)
  const expected = Buffer.from(mark.subarray(0, given.length)).toString('latin1')
  try {
    new Sealer(masterKey).open(mark.subarray(given.length), metaName)
    return null
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    return `MASTER_KEY is not this store's: the store belongs to the key with fingerprint ${expected}, this one has ${given}; set the right key or the right DATABASE_URL`
  }
}
