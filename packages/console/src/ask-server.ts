import type { Explanation } from './explainer.tsx'
import type { PreparedRequest } from './prepared-request.ts'

/** Asks the server that this page came from why it refused the signature. The key stays here. */
export async function askServer({ operation, fields }: PreparedRequest): Promise<Explanation> {
  const response = await fetch('/api/sandbox/explain', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ call: operation.signedCall?.name, body: JSON.stringify(fields) }),
    credentials: 'omit',
    cache: 'no-store',
  })
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return (await response.json()) as Explanation
}
