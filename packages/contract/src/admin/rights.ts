/** Roles are sets of rights, not a hierarchy. Each right covers a few operations that belong together. */
const everyRight = {
  'merchants.read': 'see merchants and their settings',
  'merchants.write': 'add, change, disable and delete merchants',
  'merchant-keys.rotate': "create and retire a merchant's signing keys",
  'merchant-keys.force': 'retire a key that is in use',
  'members.read': 'see members and their sessions',
  'members.act': 'lock, log out and kick members',
  'members.create': 'create members and change their profiles',
  'members.erase': "remove a member's personal data",
  'sellers.read': 'see sellers and their sessions',
  'sellers.act': 'unlock sellers and end their sessions',
  'sellers.write': 'add, change, import and delete sellers, and create reset links',
  'services.read': 'see registered services',
  'services.write': 'add, change and delete services and rotate their secrets',
  'catalogue.read': 'see the catalogue',
  'catalogue.write': 'replace the catalogue',
  'signing-keys.read': 'see the keys that sign tokens',
  'signing-keys.write': 'rotate and retire the keys that sign tokens',
  'calls.read': 'see how calls were decided, and explain refused signatures',
  'events.read': 'see events and verify their seals',
  'throttles.read': 'see who is throttled',
  'throttles.clear': 'lift throttles',
  'status.read': "see the installation's status",
  'operators.read': 'see operators and their tokens',
  'operators.write': 'invite, change and disable operators',
  'proposals.read': 'see proposed changes, and which changes need approval',
  'proposals.write': 'propose changes and withdraw own proposals',
  'proposals.decide': 'approve and decline what others propose, within own rights',
  self: 'manage the own account, its sessions and tokens',
} as const

export type Right = keyof typeof everyRight

export const rights: Readonly<Record<Right, string>> = everyRight

const allRights = Object.keys(everyRight) as Right[]
const reads = allRights.filter((right) => right.endsWith('.read'))

/** `partner` is always limited to named merchants; the other roles may be. */
export const roles = {
  owner: { title: 'everything, operators and signing keys included', rights: allRights },
  manager: {
    title: 'partners: merchants, sellers, services, catalogue, reset links, erasure',
    rights: allRights.filter((right) => !['operators.write', 'signing-keys.write', 'merchant-keys.force'].includes(right)),
  },
  support: {
    title: 'looks up, locks, kicks, unlocks, explains; no settings, no keys',
    rights: [
      'merchants.read',
      'members.read',
      'members.act',
      'sellers.read',
      'sellers.act',
      'services.read',
      'catalogue.read',
      'calls.read',
      'throttles.read',
      'throttles.clear',
      'status.read',
      'self',
    ],
  },
  auditor: { title: 'reads everything except secrets, changes nothing', rights: [...reads, 'self'] },
  partner: {
    title: "a merchant's own engineer: its calls, its settings, its keys (never by force)",
    rights: [
      'merchants.read',
      'merchant-keys.rotate',
      'members.read',
      'catalogue.read',
      'calls.read',
      'proposals.read',
      'proposals.write',
      'self',
    ],
  },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly rights: readonly Right[] }>>

export type Role = keyof typeof roles

export const roleNames = Object.keys(roles) as Role[]

export function hasRight(role: Role, right: Right): boolean {
  return (roles[role].rights as readonly Right[]).includes(right)
}
