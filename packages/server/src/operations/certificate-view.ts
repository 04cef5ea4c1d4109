import { type AdminOutput, type CertificateItemText, certificateItemNames, certificateItems } from '@lobbykey/contract/admin'
import type { findCertificate } from '../core/merchants/certificate.ts'
import { timeValue } from './times.ts'

/** The findings with their texts. */
export function certificateView(
  agentId: string,
  now: number,
  findings: ReturnType<typeof findCertificate>,
): AdminOutput<'merchant.certificate'> {
  const items = certificateItemNames.map((item) => {
    const { state, seenAt, about } = findings[item]
    const text: CertificateItemText = certificateItems[item]
    const todo = state === 'missing' || state === 'wrong' ? text[state](...about) : null
    return { item, title: text.title, state, seenAt: timeValue(seenAt), about: [...about], todo }
  })
  return { agentId, isComplete: items.every(({ todo }) => todo === null), at: timeValue(now), items }
}
