import { hash, parseOptions } from '@node-rs/argon2'
import { randomText } from '../base/random.ts'
import { verifyForeignHash } from './foreign-hash.ts'

export interface PasswordCost {
  /** Memory of one hash, KiB. */
  readonly argon2MemoryKib: number
  readonly argon2Passes: number
}

/** Values of `Algorithm` and `Version` in @node-rs/argon2, whose const enums do not exist at run time. */
const argon2id = 2
const version19 = 1
const hashBytes = 32
const saltBytesMin = 16

/** A hash at this cost. @param prepared from `preparePassword` */
export function hashPassword(prepared: string, cost: PasswordCost): Promise<string> {
  return argon2(prepared, cost)
}

/** Argon2id, version 19, one lane; hashes are PHC strings. @node-rs/argon2 uses a fresh salt of 16 bytes each time. */
export class PasswordHasher {
  readonly #cost: PasswordCost
  /** A hash of the current cost that matches no password. */
  readonly decoyHash: string

  private constructor(cost: PasswordCost, decoyHash: string) {
    this.#cost = cost
    this.decoyHash = decoyHash
  }

  /** The settings keep the cost at or above OWASP's minimum (check 1). */
  static async create(cost: PasswordCost): Promise<PasswordHasher> {
    return new PasswordHasher(cost, await argon2(randomText(32), cost))
  }

  /** @param prepared from `preparePassword` */
  hash(prepared: string): Promise<string> {
    return argon2(prepared, this.#cost)
  }

  verify(passwordHash: string, prepared: string): Promise<boolean> {
    return verifyForeignHash(passwordHash, prepared)
  }

  /** Whether the hash is weaker in any part than one made now. */
  needsRehash(passwordHash: string): boolean {
    if (!passwordHash.startsWith('$argon2')) return true
    const made = parseOptions(passwordHash)
    return (
      made.algorithm !== argon2id ||
      made.version !== version19 ||
      made.memoryCost < this.#cost.argon2MemoryKib ||
      made.timeCost < this.#cost.argon2Passes ||
      made.parallelism !== 1 ||
      made.outputLen < hashBytes ||
      made.saltLen < saltBytesMin
    )
  }
}

function argon2(password: string, cost: PasswordCost): Promise<string> {
  return hash(password, { memoryCost: cost.argon2MemoryKib, timeCost: cost.argon2Passes, parallelism: 1, outputLen: hashBytes })
}
