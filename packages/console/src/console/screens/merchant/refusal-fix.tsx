import type { AdminOutput } from '@lobbykey/contract/admin'
import { type ReactNode, useState } from 'react'
import { useMay } from '../../api/account.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { State } from '../../parts/page.tsx'
import { t } from '../../texts/texts.ts'
import { AddMember } from './add-member.tsx'

type Merchant = AdminOutput<'merchant.show'>
type Trace = AdminOutput<'trace.show'>
type List = 'allow' | 'callbackOrigins'

/** What would let the refused call pass, for readers who may do it or ask for it; null where there is nothing of the kind. */
export function useRefusalFix(merchant: Merchant | undefined, { key, steps, subject }: Trace): ReactNode {
  const isMay = useMay()
  if (merchant === undefined) return null
  const entry = steps.find(({ passed }) => !passed)?.unlisted
  if (entry !== undefined && (isMay('merchant.update') || isMay('proposal.add'))) {
    const list = key === 'address_not_allowed' ? 'allow' : 'callbackOrigins'
    return merchant[list].includes(entry) ? (
      <State tone="good">{t.merchant.listedNow}</State>
    ) : (
      <AddToList merchant={merchant} list={list} entry={entry} />
    )
  }
  if (key === 'member_not_found' && subject !== undefined && isMay('member.add')) {
    return <AddNamedMember key={subject} agentId={merchant.agentId} userId={subject} />
  }
  return null
}

/** Adds an entry to one of the merchant's lists, or asks for it. */
export function AddToList({ merchant, list, entry }: { readonly merchant: Merchant; readonly list: List; readonly entry: string }) {
  const { agentId } = merchant
  const isMay = useMay()
  const { add, ask, says } = t.merchant.addTo[list]
  const changed = { agentId, [list]: [...merchant[list], entry] }
  if (!isMay('merchant.update'))
    return (
      <ActButton
        name="proposal.add"
        label={ask}
        says={`${says(entry, agentId)} ${t.proposals.askSays}`}
        fields={[{ name: 'reason', label: t.proposals.reason, isRequired: true }]}
        input={({ reason = '' }) => ({ operation: 'merchant.update', input: changed, reason })}
        done={() => <p>{t.proposals.asked}</p>}
      />
    )
  return (
    <ActButton
      name="merchant.update"
      label={add}
      says={says(entry, agentId)}
      current={merchant}
      hasEffects={list === 'allow'}
      input={() => changed}
    />
  )
}

function AddNamedMember({ agentId, userId }: { readonly agentId: string; readonly userId: string }) {
  const [isAdded, setIsAdded] = useState(false)
  return isAdded ? (
    <State tone="good">{t.merchant.memberAdded(userId)}</State>
  ) : (
    <AddMember agentId={agentId} userId={userId} label={t.merchant.addMember} onDone={() => setIsAdded(true)} />
  )
}
