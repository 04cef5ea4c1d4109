/** Small facts about the store itself: the master key's check value, sealed server secrets, "made by the sandbox". */
export interface MetaStore {
  find(name: string): Promise<Uint8Array | null>
  /** Writes unless the name exists; returns what the store holds afterwards, so that two nodes starting together agree. */
  putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array>
  /** Writes, whatever is there. */
  put(name: string, value: Uint8Array): Promise<void>
}
