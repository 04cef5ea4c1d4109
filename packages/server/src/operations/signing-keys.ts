import type { AdminOutput } from '@lobbykey/contract/admin'
import { KeyRotation, type SigningKeyView } from '../core/tokens/key-rotation.ts'
import { makeSigningKey, makeStandInKey } from '../core/tokens/make-signing-key.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `keys.${string}`>

export function signingKeyHandlers(parts: OperationParts): Handlers<Names> {
  const { store, shared, sealer, settings, isRehearsal = false, slowly = (_name, work) => work() } = parts
  const makeKeySlowly: typeof makeSigningKey = (options) =>
    slowly(`key from ${options.activeAt} in epoch ${options.epoch}`, () => makeSigningKey(options))
  const rotationOf = async ({ origin }: Caller) =>
    new KeyRotation({
      store: store.signingKeys,
      sealer: await sealer(),
      shared,
      origin,
      bits: settings.tokenKeyBits,
      publishMs: settings.keyPublishSeconds * 1_000,
      makeKey: isRehearsal ? makeStandInKey : makeKeySlowly,
    })
  return {
    'keys.list': (page, caller) =>
      readPage(
        page,
        async ({ limit, after }) => {
          const keys = await (await rotationOf(caller)).list()
          const from = after === undefined ? 0 : keys.findIndex(({ kid }) => kid === after) + 1
          return keys.slice(from, from + limit)
        },
        ({ kid }) => kid,
        signingKeyView,
      ),

    'keys.rotate': async ({ now = false }, caller) => signingKeyView(await (await rotationOf(caller)).rotate(now)),

    'keys.retire': async ({ kid, force = false }, caller) => {
      await (await rotationOf(caller)).retire(kid, force)
      return { kid, state: 'retired' }
    },
  }
}

export function signingKeyView(key: SigningKeyView): AdminOutput<'keys.rotate'> {
  return {
    kid: key.kid,
    state: key.state,
    createdAt: timeValue(key.createdAt),
    activeAt: timeValue(key.activeAt),
    tokensEndAt: timeValue(key.doneAt),
    retiredAt: timeValue(key.retiredAt),
  }
}
