/** Every operation of the admin API. See `operation.ts`. */
import type { Static } from 'typebox'
import { accountOperations } from './accounts.ts'
import { auditOperations } from './audit.ts'
import { brandOperations } from './brands.ts'
import { callOperations } from './calls.ts'
import { catalogueOperations } from './catalogue.ts'
import { certificateOperations } from './certificate.ts'
import { connectionOperations } from './connections.ts'
import { eventOperations } from './events.ts'
import { memberSessionOperations } from './member-sessions.ts'
import { memberOperations } from './members.ts'
import { merchantOperations } from './merchants.ts'
import type { AdminOperation } from './operation.ts'
import { operatorOperations } from './operators.ts'
import { proposalOperations } from './proposals.ts'
import { sellerOperations } from './sellers.ts'
import { serviceOperations } from './services.ts'
import { signingKeyOperations } from './signing-keys.ts'
import { statusOperations } from './status.ts'
import { throttleOperations } from './throttles.ts'

export { type SignInMethod, signInMethods } from './accounts.ts'
export { type LogoType, logoBytesMax, logoSideMax, logoTypes } from './brands.ts'
export {
  type CertificateItemName,
  type CertificateItemText,
  type CertificateState,
  certificateItemNames,
  certificateItems,
  clockRightWithinMs,
  wrongSignaturesMax,
} from './certificate.ts'
export { type ConnectCall, type ConnectInput, type ConnectOutput, connectCalls } from './connections.ts'
export * from './declaration.ts'
export * from './import-in-parts.ts'
export * from './imported-file.ts'
export { type Labels, parseLabel } from './labels.ts'
export { onlineCountedMax } from './member-sessions.ts'
export { type AdminOpenApiOptions, buildAdminOpenApi } from './openapi.ts'
export * from './operation.ts'
export { operatorName } from './operators.ts'
export { openProposals, type ProposalState } from './proposals.ts'
export { decodePurpose, encodePurpose, purpose, purposeHeader } from './purpose.ts'
export * from './rights.ts'
export * from './sign-in.ts'

const all = {
  ...merchantOperations,
  ...certificateOperations,
  ...brandOperations,
  ...serviceOperations,
  ...operatorOperations,
  ...catalogueOperations,
  ...signingKeyOperations,
  ...statusOperations,
  ...memberOperations,
  ...memberSessionOperations,
  ...callOperations,
  ...eventOperations,
  ...auditOperations,
  ...accountOperations,
  ...connectionOperations,
  ...proposalOperations,
  ...sellerOperations,
  ...throttleOperations,
}

/** By name, `noun.verb` as on the command line. */
export const adminOperations: typeof all = all

export type AdminOperationName = keyof typeof all
export type AdminInput<Name extends AdminOperationName> = Static<(typeof all)[Name]['input']>
export type AdminOutput<Name extends AdminOperationName> = Static<(typeof all)[Name]['output']>

export const adminOperationNames = Object.keys(all) as AdminOperationName[]

/** The operation without the types of its own schemas. */
export function adminOperation(name: AdminOperationName): AdminOperation {
  return all[name] as unknown as AdminOperation
}
