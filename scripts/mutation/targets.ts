/** Security-critical files with the tests that guard them. */
export interface Target {
  /** Under packages/server/src/core. */
  readonly file: string
  /** Under packages/server/test. Fast ones first: the first failure ends a mutant's run. */
  readonly tests: readonly string[]
}

const laneTests = ['core/passwords/password-lane.test.ts']
const throttleTests = ['core/passwords/login-throttle.test.ts']
const tokenTests = ['core/tokens/tokens.test.ts']
const refreshTests = ['http/seller-api/refresh-grace.test.ts', 'http/seller-api/refresh.test.ts']

export const targets: readonly Target[] = [
  { file: 'base/address-list.ts', tests: ['core/base/address-list.test.ts'] },
  { file: 'members/signature.ts', tests: ['core/members/signature.test.ts'] },
  {
    file: 'members/signed-call.ts',
    tests: ['core/members/signed-call.test.ts', 'http/member-api/order.test.ts'],
  },
  { file: 'members/session-writer.ts', tests: ['core/members/session-writer.test.ts'] },
  { file: 'tokens/compact-jws.ts', tests: ['core/tokens/compact-jws.test.ts'] },
  { file: 'tokens/token-issuer.ts', tests: tokenTests },
  { file: 'tokens/token-verifier.ts', tests: tokenTests },
  { file: 'tokens/access-token-verifier.ts', tests: ['core/tokens/access-token-verifier.test.ts'] },
  { file: 'passwords/fair-queue.ts', tests: ['core/passwords/fair-queue.test.ts'] },
  { file: 'passwords/password-lane.ts', tests: laneTests },
  { file: 'passwords/in-flight.ts', tests: ['core/passwords/in-flight.test.ts', ...throttleTests] },
  { file: 'passwords/login-try.ts', tests: ['core/passwords/login-try.test.ts', ...throttleTests] },
  { file: 'passwords/login-throttle.ts', tests: throttleTests },
  { file: 'sellers/refresh-writer.ts', tests: ['core/sellers/refresh-writer.test.ts', ...refreshTests] },
  { file: 'sellers/seller-refresh.ts', tests: refreshTests },
]
