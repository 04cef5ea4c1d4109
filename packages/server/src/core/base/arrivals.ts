let count = 0

/**
 * Connections that have come to this process. libuv takes one in each turn of the event loop: where each turn is long, a hundred that come at once wait for a hundred
 * of them. Whoever would hold the loop up compares two looks, and while there are more lets them in first.
 */
export const arrivals = {
  get count(): number {
    return count
  },
  note(): void {
    count++
  },
}
