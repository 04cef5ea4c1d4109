/** From what is typed to what is sent, and to the same request as code. */
import {
  defaultAlgorithm,
  defaultCallbackRule,
  isLibraryCall,
  type LibraryCall,
  type Operation,
  type SnippetRequest,
  type SnippetValue,
  timeOfRun,
  unsignedFields,
} from '@lobbykey/contract'
import { type Draft, getOperation, isSecret } from './draft.ts'
import { fieldValue } from './field-values.ts'
import { type Signature, signFields } from './signature.ts'

export interface PreparedRequest {
  readonly operation: Operation
  /** Fields without the empty ones, `sign` among them. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly signature: Signature | null
  readonly bearer: string | null
}

/** The request as it would be sent at `now`, milliseconds. A timestamp or signature that was typed is taken as it is. */
export function prepareRequest(draft: Draft, now: number): PreparedRequest {
  const operation = getOperation(draft.operationId)
  const fields: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(operation.schema.properties)) {
    const text = draft.values[name] ?? ''
    if (text !== '') fields[name] = fieldValue(schema, text)
    else if (name === 'timestamp') fields[name] = now
  }
  const { signedCall } = operation
  const bearer = operation.isBearer ? (draft.values.accessToken ?? '') : null
  if (signedCall === null) return { operation, fields, signature: null, bearer }
  const signature = signFields(signedCall, fields, draft.key, draft.profile)
  return { operation, fields: { ...fields, sign: fields.sign ?? signature.sign }, signature, bearer }
}

/** The same as a call of a client library, which adds time and signature; null where the libraries do not make it. */
export function libraryCall(draft: Draft, origin: string, withSecrets: boolean): LibraryCall | null {
  const { operation, fields } = prepareRequest(draft, 0)
  if (!isLibraryCall(operation.id)) return null
  const isSigned = operation.signedCall !== null
  const made = ['agent_id', 'timestamp', 'sign']
  const given = isSigned ? Object.entries(fields).filter(([name]) => !made.includes(name)) : []
  const { algorithm, callback } = draft.profile
  const { agent_id = '', email = '', password = '' } = draft.values
  const options = isSigned
    ? {
        agentId: agent_id,
        key: withSecrets ? draft.key : 'your-merchant-key',
        ...(algorithm === defaultAlgorithm ? {} : { algorithm }),
        ...(callback === defaultCallbackRule ? {} : { callback }),
      }
    : { email, password: withSecrets ? password : 'your-password' }
  return { operationId: operation.id, baseUrl: origin, fields: Object.fromEntries(given) as Record<string, SnippetValue>, options }
}

/** @param withSecrets false: placeholders stand in for the key, passwords and tokens of sellers */
export function snippetRequest(draft: Draft, origin: string, withSecrets: boolean): SnippetRequest {
  const { operation, fields, bearer } = prepareRequest(draft, 0)
  const { signedCall } = operation
  const hidden = (name: string) => !withSecrets && signedCall === null && isSecret(name)
  const entries = Object.entries(fields)
    .filter(([name]) => name !== 'sign')
    .map(([name, value]) => {
      if (hidden(name)) return [name, `your-${name}`]
      return [name, name === 'timestamp' && (draft.values.timestamp ?? '') === '' ? timeOfRun : value]
    })
  return {
    method: operation.method,
    url: origin + operation.path,
    fields: Object.fromEntries(entries) as Record<string, SnippetValue>,
    signing:
      signedCall === null
        ? null
        : {
            algorithm: draft.profile.algorithm,
            key: withSecrets ? draft.key : 'your-merchant-key',
            unsigned: unsignedFields(signedCall, draft.profile.callback),
          },
    bearer: bearer === null ? null : withSecrets ? bearer : 'your-access-token',
  }
}
