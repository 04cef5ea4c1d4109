/**
 * The calls by which people sign in, made before the caller has any rights. All are POSTs of the console's own pages, and all return what the console
 * shows next; the session itself is in the cookie only.
 */
import { compileFields, GatewayError } from '@lobbykey/contract'
import { type SignInCall, type SignInInput, signInCalls } from '@lobbykey/contract/admin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import { within } from '../../core/base/within.ts'
import type { AccountSetup } from '../../core/operators/account-setup.ts'
import type { AdminSite } from '../../core/operators/admin-site.ts'
import { type ConsoleSessions, confirmedUntil, type SessionIdentity } from '../../core/operators/console-sessions.ts'
import type { Passkeys } from '../../core/operators/passkeys.ts'
import type { PasswordSignIn } from '../../core/operators/password-sign-in.ts'
import type { SandboxLink } from '../../core/operators/sandbox-link.ts'
import { type SsoSignIn, ssoFlowMs } from '../../core/operators/sso/sso-sign-in.ts'
import { originOf, type Visitor } from '../../core/operators/visitor.ts'
import type { ConsoleSessionRecord, OperatorRecord, OperatorStore } from '../../store/store.ts'
import { hangUpSignal } from '../hang-up-signal.ts'
import { readJsonBody } from '../json-body.ts'
import type { OwnCookie } from '../own-cookie.ts'
import { sendJson } from '../response-headers.ts'
import type { CallerAuthentication } from './authenticate.ts'
import type { CallerLimits } from './caller-limits.ts'
import { verifyConsoleRequest } from './console-request.ts'

export interface SignInDependencies {
  readonly clock: Clock
  readonly site: AdminSite
  readonly cookie: OwnCookie
  readonly authentication: CallerAuthentication
  readonly limits: CallerLimits
  readonly sessions: ConsoleSessions
  readonly passwords: PasswordSignIn
  readonly passkeys: Passkeys
  readonly setup: AccountSetup
  readonly operators: OperatorStore
  readonly ssoCookie: OwnCookie
  /** Null where single sign-on is not set up. */
  readonly sso: SsoSignIn | null
  /** Null except in the sandbox. */
  readonly sandboxLink: SandboxLink | null
}

type Answer = (input: never, visitor: Visitor, request: FastifyRequest, reply: FastifyReply) => Promise<object>
type Answers = {
  readonly [Call in SignInCall]: (
    input: SignInInput<Call>,
    ...rest: Parameters<Answer> extends [unknown, ...infer Rest] ? Rest : never
  ) => Promise<object>
}

/** How long somebody waits for the provider of single sign-on, ms: everybody gets an answer within five seconds. */
const finishMsMax = 4_500

/** Nothing here is signed, and passkeys identify their algorithms by negative numbers. */
const jsonLimits = { depthMax: 6, keysMax: 256, plainNumbers: false }

export async function signInRoutes(app: FastifyInstance, dependencies: SignInDependencies): Promise<void> {
  const answers = answersOver(dependencies)
  for (const [name, { path, input }] of Object.entries(signInCalls)) {
    const check = compileFields(input)
    const answer = answers[name as SignInCall] as Answer
    app.post(path, { config: { call: `sign-in.${name}` } }, async (request, reply) => {
      verifyConsoleRequest(request, dependencies.site)
      await dependencies.limits.admitStranger(request.clientAddress)
      const fields = check(readJsonBody(request, jsonLimits)) as never
      sendJson(reply, 200, await answer(fields, visitorOf(request, reply), request, reply))
    })
  }
}

function answersOver(dependencies: SignInDependencies): Answers {
  const { clock, cookie, ssoCookie, authentication, sessions, passwords, passkeys, setup, sandboxLink, limits } = dependencies
  const getSso = () => {
    if (dependencies.sso === null) throw new GatewayError('path_not_found')
    return dependencies.sso
  }
  const opened = (
    reply: FastifyReply,
    token: string,
    operator: OperatorRecord,
    session: ConsoleSessionRecord,
    recoveryCodes?: readonly string[],
  ) => {
    cookie.write(reply, token, session.expiresAt - clock.now())
    return view({ operator, session }, recoveryCodes)
  }
  const view = ({ operator, session }: SessionIdentity, recoveryCodes?: readonly string[]) => {
    const until = confirmedUntil(session, clock.now())
    return {
      operatorId: operator.id,
      email: operator.email,
      name: operator.name,
      role: operator.role,
      sessionId: session.id,
      expiresAt: new Date(session.expiresAt).toISOString(),
      confirmedUntil: until === null ? null : new Date(until).toISOString(),
      ...(recoveryCodes === undefined ? {} : { recoveryCodes }),
    }
  }

  /** @throws GatewayError confirmation_required */
  const verifyConfirmed = (identity: SessionIdentity) => {
    if (confirmedUntil(identity.session, clock.now()) === null) throw new GatewayError('confirmation_required')
    return identity
  }

  return {
    password: async (input, visitor, _request, reply) => {
      const { token, session } = await passwords.signIn(input, visitor)
      const { operator } = await sessions.identify(token)
      return opened(reply, token, operator, session)
    },

    confirm: async ({ code }, visitor, request) => {
      const identity = await authentication.session(request)
      const confirmedAt = await passwords.confirm(identity, code, visitor)
      return view({ ...identity, session: { ...identity.session, confirmedAt } })
    },

    changePassword: async (input, visitor, request) => {
      const identity = await authentication.session(request)
      await passwords.change(verifyConfirmed(identity), input, visitor)
      return view(identity)
    },

    passkeyOptions: async () => ({ options: await passkeys.requestOptions() }),

    passkey: async ({ response }, visitor, _request, reply) => {
      const { token } = await passkeys.signIn(response, visitor)
      const { operator, session } = await sessions.identify(token)
      return opened(reply, token, operator, session)
    },

    confirmWithPasskey: async ({ response }, visitor, request) => {
      const identity = await authentication.session(request)
      const confirmedAt = await passkeys.confirm(identity, response, visitor)
      return view({ ...identity, session: { ...identity.session, confirmedAt } })
    },

    newPasskeyOptions: async (_input, _visitor, request) => {
      const identity = await authentication.session(request)
      await passkeys.verifyMayAdd(identity)
      return { options: await passkeys.additionOptions(identity) }
    },

    addPasskey: async ({ response, name }, visitor, request) => {
      const identity = await authentication.session(request)
      await passkeys.verifyMayAdd(identity)
      const added = await passkeys.add(identity, response, name, visitor)
      return { passkeyId: added.id, name: added.name }
    },

    acceptWithPasskey: async (input, visitor, _request, reply) => {
      const { token, operator, session } = await setup.acceptWithPasskey(input, visitor)
      return opened(reply, token, operator, session)
    },

    sandbox: async ({ link }, visitor, _request, reply) => {
      if (sandboxLink === null) throw new GatewayError('path_not_found')
      const { token } = await sandboxLink.open(link, visitor, dependencies)
      const { operator, session } = await sessions.identify(token)
      return opened(reply, token, operator, session)
    },

    ssoStart: async ({ purpose, to }, _visitor, request, reply) => {
      const sso = getSso()
      const identity = purpose === 'sign-in' ? null : await authentication.sessionAsIs(request)
      if (identity !== null && purpose === 'link') verifyConfirmed(identity)
      const { url, kept } = await sso.start({ purpose, to }, identity)
      ssoCookie.write(reply, kept, ssoFlowMs)
      return { url }
    },

    ssoFinish: async ({ query }, visitor, request, reply) => {
      const sso = getSso()
      const kept = ssoCookie.read(request)
      // Whatever comes of it, it is over: the page cannot be sent again.
      ssoCookie.clear(reply)
      const finish = () => sso.finish(query, kept, () => authentication.sessionAsIs(request), visitor)
      const late = () => new GatewayError('sso_unavailable', { retryAfterMs: 1_000 })
      const finished = await within(finishMsMax, limits.guess('sso', visitor.address, finish), late)
      const { purpose, to, operator, confirmedAt } = finished
      if (finished.opened !== null) return { purpose, to, ...opened(reply, finished.opened.token, operator, finished.opened.session) }
      const { session } = await authentication.sessionAsIs(request)
      return { purpose, to, ...view({ operator, session: { ...session, confirmedAt } }) }
    },

    signOut: async (_input, visitor, request, reply) => {
      const { operator, session } = await authentication.sessionAsIs(request)
      await sessions.end(session.id, operator.id, originOf(operator.id, visitor))
      cookie.clear(reply)
      return {}
    },

    invitation: async ({ link }) => {
      const { invitation, totp, passkey } = await setup.show(link)
      const { email, name, role, isReset, expiresAt } = invitation
      return { email, name, role, isReset, expiresAt: new Date(expiresAt).toISOString(), totp, passkey }
    },

    acceptWithPassword: async (input, visitor, _request, reply) => {
      const { token, operator, session, recoveryCodes } = await setup.acceptWithPassword(input, visitor)
      return opened(reply, token, operator, session, recoveryCodes)
    },
  }
}

function visitorOf(request: FastifyRequest, reply: FastifyReply): Visitor {
  const { clientAddress: address, id: requestId, headers } = request
  return { address, requestId, userAgent: headers['user-agent'] ?? null, signal: hangUpSignal(reply) }
}
