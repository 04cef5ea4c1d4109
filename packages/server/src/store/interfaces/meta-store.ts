/** Small facts about the store itself: the master key's check value, encrypted server secrets, "made by the sandbox". */
export interface MetaStore {
  find(name: string): Promise<Uint8Array | null>
  /** Writes unless the name exists, and returns the stored value, so that two nodes starting at once agree. */
  putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array>
  /** Writes unconditionally. */
  put(name: string, value: Uint8Array): Promise<void>
}
