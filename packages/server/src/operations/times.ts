/** ISO 8601 in UTC. */
export function timeValue(ms: number): string
export function timeValue(ms: number | null): string | null
export function timeValue(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
