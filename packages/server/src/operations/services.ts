import type { AdminOutput } from '@lobbykey/contract/admin'
import { overlapSecondsDefault, ServiceAdmin } from '../core/services/service-admin.ts'
import type { ServiceRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { handOverLink } from './hand-over-link.ts'
import { labelOf } from './labels.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `service.${string}`>

export function serviceHandlers(parts: OperationParts): Handlers<Names> {
  const { store, clock } = parts
  const secretOrLink = async (serviceId: string, secret: string, handOver: boolean | undefined, { origin }: Caller) =>
    handOver === true ? handOverLink(parts, secret, { what: `The secret of service ${serviceId}` }, origin) : { secret }
  const adminOf = ({ origin }: Caller) => new ServiceAdmin({ store: store.services, clock, origin })
  return {
    'service.list': ({ label: text, ...page }, caller) => {
      const label = labelOf(text)
      return readPage(
        page,
        async ({ limit, after = '' }) => {
          const services = await adminOf(caller).list()
          const isMeant = ({ labels }: ServiceRecord) => label === undefined || labels[label.name] === label.value
          return services.filter((service) => service.id > after && isMeant(service)).slice(0, limit)
        },
        ({ id }) => id,
        view,
      )
    },

    'service.show': async ({ serviceId }, caller) => view(await adminOf(caller).get(serviceId)),

    'service.add': async ({ serviceId, labels, handOver }, caller) => {
      const secret = await adminOf(caller).add(serviceId, labels)
      return { serviceId, ...(await secretOrLink(serviceId, secret, handOver, caller)) }
    },

    'service.update': async ({ serviceId, labels }, caller, expectation) => {
      const admin = adminOf(caller)
      await admin.setLabels(serviceId, labels, expectation)
      return view(await admin.get(serviceId))
    },

    'service.rotate-secret': async ({ serviceId, overlapSeconds = overlapSecondsDefault, handOver }, caller) => {
      const admin = adminOf(caller)
      const secret = await admin.rotateSecret(serviceId, overlapSeconds)
      const { previousGoodUntil } = await admin.get(serviceId)
      const handed = await secretOrLink(serviceId, secret, handOver, caller)
      return { serviceId, ...handed, previousGoodUntil: timeValue(previousGoodUntil) }
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

function view({
  id,
  status,
  labels,
  createdAt,
  updatedAt,
  secretCreatedAt,
  previousGoodUntil,
}: ServiceRecord): AdminOutput<'service.show'> {
  return {
    serviceId: id,
    status,
    labels,
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
    secretCreatedAt: timeValue(secretCreatedAt),
    previousGoodUntil: timeValue(previousGoodUntil),
  }
}
