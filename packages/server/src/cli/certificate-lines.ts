import type { AdminOutput } from '@lobbykey/contract/admin'

const boxes = { seen: '[x]', missing: '[ ]', wrong: '[!]', 'not-needed': '[-]' } as const

/** A certificate as a list of boxes, ticked or with what is to be done. */
export function certificateLines({ agentId, isComplete, at, items }: AdminOutput<'merchant.certificate'>): string[] {
  const left = items.filter(({ todo }) => todo !== null).length
  const end = isComplete ? 'The certificate is complete.' : `${left} of ${items.length} items are open.`
  const rows = items.flatMap(({ title, state, seenAt, todo }) => {
    const seen = state === 'not-needed' ? ', not needed' : seenAt === null ? '' : `, ${state} ${seenAt}`
    return [`${boxes[state]} ${title}${seen}`, ...(todo === null ? [] : [`    ${todo}`])]
  })
  return [`Certificate of merchant ${agentId}, ${at}`, ...rows, end]
}
