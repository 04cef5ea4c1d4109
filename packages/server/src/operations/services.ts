import type { AdminOutput } from '@lobbykey/contract/admin'
import { overlapSecondsDefault, ServiceAdmin } from '../core/services/service-admin.ts'
import type { ServiceRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `service.${string}`>

export function serviceHandlers({ store, clock }: OperationParts): Handlers<Names> {
  const adminOf = ({ origin }: Caller) => new ServiceAdmin({ store: store.services, clock, origin })
  return {
    'service.list': (page, caller) =>
      readPage(
        page,
        async ({ limit, after = '' }) => {
          const services = await adminOf(caller).list()
          return services.filter(({ id }) => id > after).slice(0, limit)
        },
        ({ id }) => id,
        view,
      ),

    'service.show': async ({ serviceId }, caller) => view(await adminOf(caller).get(serviceId)),

    'service.add': async ({ serviceId }, caller) => ({ serviceId, secret: await adminOf(caller).add(serviceId) }),

    'service.rotate-secret': async ({ serviceId, overlapSeconds = overlapSecondsDefault }, caller) => {
      const admin = adminOf(caller)
      const secret = await admin.rotateSecret(serviceId, overlapSeconds)
      const { previousGoodUntil } = await admin.get(serviceId)
      return { serviceId, secret, previousGoodUntil: timeValue(previousGoodUntil) }
    },

    'service.enable': async ({ serviceId }, caller) => {
      await adminOf(caller).setStatus(serviceId, 'enabled')
      return { serviceId, status: 'enabled' }
    },

    'service.disable': async ({ serviceId }, caller) => {
      await adminOf(caller).setStatus(serviceId, 'disabled')
      return { serviceId, status: 'disabled' }
    },

    'service.delete': async ({ serviceId }, caller) => {
      await adminOf(caller).remove(serviceId)
      return { serviceId, deleted: true }
    },
  }
}

function view({ id, status, createdAt, updatedAt, secretCreatedAt, previousGoodUntil }: ServiceRecord): AdminOutput<'service.show'> {
  return {
    serviceId: id,
    status,
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
    secretCreatedAt: timeValue(secretCreatedAt),
    previousGoodUntil: timeValue(previousGoodUntil),
  }
}
