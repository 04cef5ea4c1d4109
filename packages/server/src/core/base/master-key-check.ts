import type { MetaStore } from '../../store/store.ts'
import { masterKeyFingerprint, SealError, Sealer } from './sealer.ts'

const metaName = 'master-key-check'
const constant = Buffer.from('this store belongs to this master key')

/** Thrown when the store was first used under another master key. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError'
}

/**
 * Binds the store to the master key on first use, and gives the sealer for what the store holds.
 * @throws MasterKeyError when the store is bound to another
 */
export async function claimMasterKey(meta: MetaStore, masterKey: Uint8Array): Promise<Sealer> {
  const sealer = new Sealer(masterKey)
  const mark = Buffer.concat([Buffer.from(masterKeyFingerprint(masterKey)), sealer.seal(constant, metaName)])
  const problem = judge(await meta.putIfAbsent(metaName, mark), masterKey)
  if (problem !== null) throw new MasterKeyError(problem)
  return sealer
}

/** Why this master key is not the store's, for the operator; null when it is, or when the store has none yet. Writes nothing. */
export async function findMasterKeyProblem(meta: MetaStore, masterKey: Uint8Array): Promise<string | null> {
  const mark = await meta.find(metaName)
  return mark === null ? null : judge(mark, masterKey)
}

/** A mark is the fingerprint of its master key, in the clear so that it can be told, and a constant sealed under it. */
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
