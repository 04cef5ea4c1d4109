/** What the client libraries need to know about both APIs, as plain data. `npm run clients` writes it in each library's language. */
import { timestampWindowMs } from './bounds.ts'
import { signedNames } from './canonical.ts'
import { type CatalogueEntry, catalogue, type ErrorKey, type Retry } from './catalogue.ts'
import { signedCalls } from './member-fields.ts'
import { operations } from './reference.ts'
import { sellerBasePaths } from './seller-fields.ts'
import type { SignedCall } from './signed-call.ts'
import { type KeyUse, type SigningHash, signingAlgorithms } from './signing-algorithms.ts'

export interface ClientCall {
  readonly method: string
  readonly path: string
  /** What the caller passes; the library adds `agent_id`, `timestamp` and `sign`. */
  readonly fields: readonly string[]
  /** Signed names in order, by the merchant's callback rule. */
  readonly signed: Readonly<Record<'unsigned' | 'signed', readonly string[]>>
  /** Fields whose empty text is sent. */
  readonly clearable: readonly string[]
  /** What `data` of a success holds at least, with its JSON types. */
  readonly answers: Readonly<Record<string, string>>
}

export interface ClientCode {
  readonly code: number | string
  /** 0: any HTTP status. */
  readonly status: number
  readonly key: string
  readonly text: string
  readonly retry: Retry
  readonly cure: string
}

export interface ClientFacts {
  readonly calls: Readonly<Record<string, ClientCall>>
  /** The first row with matching code and HTTP status applies. */
  readonly memberCodes: readonly ClientCode[]
  readonly sellerCodes: readonly ClientCode[]
  readonly algorithms: Readonly<Record<string, { readonly hash: SigningHash; readonly keyUse: KeyUse }>>
  readonly sellerPath: string
  readonly timestampWindowMs: number
  /** A regular expression: the server's time in the message of a stale timestamp. */
  readonly serverClock: string
  /** A regular expression: the gateway's URL, with a path where a proxy serves it below one. International domains are written `xn--…`. */
  readonly baseUrl: string
  /** A regular expression: an access token as a header can carry it (RFC 6750, section 2.1). Runtimes quote the value of a header that they refuse. */
  readonly accessToken: string
}

/** What a code means where several errors share it. No library sends an ambiguous request. */
const generic: readonly string[] = ['invalid_parameter', 'store_unavailable'] satisfies ErrorKey[]
const unseen: readonly string[] = ['ambiguous_request'] satisfies ErrorKey[]

const ownFields = ['agent_id', 'timestamp', 'sign']

export const clientFacts: ClientFacts = {
  calls: Object.fromEntries(
    signedCalls.map((call) => [
      call.name,
      {
        method: call.method,
        path: call.path,
        fields: Object.keys(call.schema.properties).filter((name) => !ownFields.includes(name)),
        signed: { unsigned: signedNames(call, 'unsigned'), signed: signedNames(call, 'signed') },
        clearable: call.clearable ?? [],
        answers: answersOf(call),
      },
    ]),
  ),
  memberCodes: codesOf(({ memberCode, memberText, memberStatusIsReal, http }) =>
    memberCode === undefined ? null : { code: memberCode, text: memberText ?? '', status: memberStatusIsReal ? http : 0 },
  ),
  sellerCodes: codesOf(({ sellerCode, sellerText, http }) =>
    sellerCode === undefined ? null : { code: sellerCode, text: sellerText ?? '', status: http },
  ),
  algorithms: Object.fromEntries(Object.entries(signingAlgorithms).map(([id, { hash, keyUse }]) => [id, { hash, keyUse }])),
  sellerPath: `${sellerBasePaths[0]}/seller/auth`,
  timestampWindowMs,
  serverClock: "the server's clock, ([0-9]{13})",
  baseUrl: '^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._,;=:@+/-]*)?$',
  accessToken: '^[A-Za-z0-9._~+/=-]+$',
}

function answersOf(call: SignedCall): Record<string, string> {
  const { data } = operations.find(({ signedCall }) => signedCall === call) ?? { data: { properties: {} } }
  const properties = Object.entries(data.properties) as [string, { type?: string }][]
  return Object.fromEntries(properties.map(([name, { type = 'object' }]) => [name, type]))
}

/** Rows with a specific status come first. */
function codesOf(read: (entry: CatalogueEntry) => Pick<ClientCode, 'code' | 'text' | 'status'> | null): ClientCode[] {
  const rows = new Map<string, ClientCode>()
  for (const [key, entry] of Object.entries(catalogue)) {
    const row = read(entry)
    if (row === null || unseen.includes(key)) continue
    const name = `${row.code} ${row.status}`
    if (!rows.has(name) || generic.includes(key)) rows.set(name, { ...row, key, retry: entry.retry, cure: entry.cure })
  }
  return [...rows.values()].sort((a, b) => Number(a.code) - Number(b.code) || b.status - a.status)
}
