import Type from 'typebox'
import { handOver, madeHandOver } from './hand-over.ts'
import { labelFilter, labels } from './labels.ts'
import { enablement } from './merchants.ts'
import { fields, operation, page, pageFields, timeOrNull, versioned } from './operation.ts'

const serviceId = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,64}$',
  description: 'The service',
  rule: '1 to 64 characters of A-Z a-z 0-9 _ -',
})

const service = fields({ serviceId, status: enablement, labels, ...versioned, secretCreatedAt: timeOrNull, previousGoodUntil: timeOrNull })
const secret = Type.Optional(Type.String({ description: 'Shown only now' }))

/** Programs that may introspect tokens and sessions. */
export const serviceOperations = {
  'service.list': operation({
    summary: 'Lists the services.',
    method: 'GET',
    path: '/services',
    input: fields({ ...pageFields, label: Type.Optional(labelFilter) }),
    output: page(service),
    right: 'services.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'service.show': operation({
    summary: 'Shows a service, never its secret.',
    method: 'GET',
    path: '/services/{serviceId}',
    input: fields({ serviceId }),
    output: service,
    right: 'services.read',
    reach: 'platform',
    event: null,
    kind: 'read',
  }),
  'service.add': operation({
    summary: 'Registers a service and shows its secret, once.',
    method: 'POST',
    path: '/services',
    input: fields({ serviceId, labels: Type.Optional(labels), handOver }),
    output: fields({ serviceId, secret, handOver: madeHandOver }),
    right: 'services.write',
    reach: 'platform',
    event: 'service.added',
    kind: 'create',
    secrets: ['secret', 'handOver'],
  }),
  'service.update': operation({
    summary: 'Replaces the labels of a service.',
    method: 'PATCH',
    path: '/services/{serviceId}',
    input: fields({ serviceId, labels }),
    output: service,
    right: 'services.write',
    reach: 'platform',
    event: 'service.updated',
    kind: 'change',
  }),
  'service.rotate-secret': operation({
    summary: 'Creates a new secret and shows it, once; the old one works for the overlap.',
    method: 'POST',
    path: '/services/{serviceId}/secret',
    input: fields({
      serviceId,
      overlapSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2_592_000,
          default: 86_400,
          description: 'How long the old secret still works',
          rule: 'a whole number from 0 to 2592000',
        }),
      ),
      handOver,
    }),
    output: fields({ serviceId, secret, previousGoodUntil: timeOrNull, handOver: madeHandOver }),
    right: 'services.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'service.secret_rotated',
    kind: 'create',
    secrets: ['secret', 'handOver'],
  }),
  'service.enable': operation({
    summary: 'Lets a disabled service in again.',
    method: 'POST',
    path: '/services/{serviceId}/enable',
    input: fields({ serviceId }),
    output: fields({ serviceId, status: enablement }),
    right: 'services.write',
    reach: 'platform',
    event: 'service.enabled',
    kind: 'act',
  }),
  'service.disable': operation({
    summary: 'Refuses a service as if it were unknown, within a second.',
    method: 'POST',
    path: '/services/{serviceId}/disable',
    input: fields({ serviceId }),
    output: fields({ serviceId, status: enablement }),
    right: 'services.write',
    reach: 'platform',
    event: 'service.disabled',
    kind: 'act',
  }),
  'service.delete': operation({
    summary: 'Deletes a service; its secret stops working within a second.',
    method: 'DELETE',
    path: '/services/{serviceId}',
    input: fields({ serviceId }),
    output: fields({ serviceId, deleted: Type.Boolean() }),
    right: 'services.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'service.deleted',
    kind: 'act',
  }),
} as const
