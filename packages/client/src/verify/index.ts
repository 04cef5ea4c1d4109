/** For services that check seller tokens and member sessions. Needs `jose`. */
export { authenticateRequest, express, fastify, hono } from './middleware.ts'
export {
  createSessionGuard,
  type EndedSession,
  type MemberSession,
  type SessionGuard,
  type SessionGuardOptions,
  type SessionName,
} from './session-guard.ts'
export { createVerifier, type Seller, type Verifier, type VerifierOptions } from './verifier.ts'
export { VerifyError, type VerifyReason } from './verify-error.ts'
