/**
 * The calls by which people sign in, made before the caller has any rights. All are POSTs of the console's own pages, and all return what the console
 * shows next; the session itself is in the cookie only.
 */
import { compileFields, GatewayError } from '@lobbykey/contract'
import { type SignInCall, type SignInInput, signInCalls } from '@lobbykey/contract/admin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { AccountSetup } from '../../core/operators/account-setup.ts'
import type { AdminSite } from '../../core/operators/admin-site.ts'
import { type ConsoleSessions, confirmedUntil, type SessionIdentity } from '../../core/operators/console-sessions.ts'
import type { Passkeys } from '../../core/operators/passkeys.ts'
import type { PasswordSignIn } from '../../core/operators/password-sign-in.ts'
import type { SandboxLink } from '../../core/operators/sandbox-link.ts'
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
  const { clock, cookie, authentication, sessions, passwords, passkeys, setup, sandboxLink } = dependencies
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
      const identity = verifyConfirmed(await authentication.session(request))
      return { options: await passkeys.additionOptions(identity) }
    },

    addPasskey: async ({ response, name }, visitor, request) => {
      const added = await passkeys.add(verifyConfirmed(await authentication.session(request)), response, name, visitor)
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

    signOut: async (_input, visitor, request, reply) => {
      const { operator, session } = await authentication.session(request)
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
