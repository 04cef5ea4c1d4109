import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAccount, useMay } from '../api/account.ts'
import { admin } from '../api/client.ts'
import { useRead } from '../api/use-read.ts'
import { mayDecide } from '../api/waiting.ts'
import { ActButton, EffectList } from '../parts/act-button.tsx'
import { Actor } from '../parts/actor.tsx'
import { DataList } from '../parts/data-list.tsx'
import { linesOf } from '../parts/fields.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Facts, Page, Section } from '../parts/page.tsx'
import { ProposalDecision, ProposedChange } from '../parts/proposal.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'

type Proposal = AdminOutput<'proposal.list'>['items'][number]

/** Changes that wait for another person, and which changes have to. */
export function ProposalsScreen() {
  const [{ show }] = useSearchFields()
  const isMay = useMay()
  // Who only asks looks for answers.
  const isAsking = !isMay('proposal.approve')
  // Said here, since the row goes with its dialog.
  const [decided, setDecided] = useState<Proposal | null>(null)
  return (
    <Page title={t.pages.proposals} says={t.proposals.says}>
      <div role="status">{decided !== null && <Decided proposal={decided} />}</div>
      <section className="panel" aria-label={t.pages.proposals}>
        <FilterRow
          fields={[
            {
              name: 'show',
              label: t.proposals.show,
              kind: 'choice',
              choices: isAsking
                ? [
                    { value: '', label: t.any },
                    { value: 'open', label: t.proposals.waiting },
                  ]
                : [
                    { value: '', label: t.proposals.waiting },
                    { value: 'all', label: t.any },
                  ],
            },
          ]}
        />
        <DataList
          name="proposal.list"
          input={(isAsking ? show === 'open' : show !== 'all') ? { open: true } : {}}
          label={t.pages.proposals}
          keyOf={({ proposalId }) => proposalId}
          empty={isAsking ? t.proposals.nothingAsked : t.proposals.empty}
          columns={[
            { title: t.proposals.change, cell: (proposal) => <ProposedChange proposal={proposal} /> },
            { title: t.proposals.reason, cell: ({ reason }) => reason },
            {
              title: t.proposals.by,
              cell: ({ proposedBy, createdAt }) => (
                <>
                  <Actor actor={proposedBy} />
                  <br />
                  <span className="soft small">
                    <Time at={createdAt} />
                  </span>
                </>
              ),
            },
            { title: t.proposals.state, cell: (proposal) => <ProposalDecision proposal={proposal} /> },
            { title: t.proposals.actions, cell: (proposal) => <Actions proposal={proposal} onDecided={setDecided} /> },
          ]}
        />
      </section>
      {isMay('approval-policy.show') && <Policy />}
    </Page>
  )
}

/** That it is done, and what became of it. */
function Decided({ proposal }: { readonly proposal: Proposal }) {
  return (
    <div className="note">
      <strong>{outcomeText(proposal.state)}</strong>
      <div>
        <ProposedChange proposal={proposal} />
      </div>
      {proposal.word !== null && <p className="soft">{t.proposals.wordSent}</p>}
    </div>
  )
}

function outcomeText(state: Proposal['state']): string {
  const outcomes: Readonly<Partial<Record<Proposal['state'], string>>> = t.proposals.outcomes
  return outcomes[state] ?? t.proposals.states[state]
}

interface ActionsProps {
  readonly proposal: Proposal
  readonly onDecided: (proposal: Proposal) => void
}

function Actions({ proposal, onDecided }: ActionsProps) {
  const { proposalId, proposedBy, state } = proposal
  const account = useAccount()
  if (state !== 'open') return null
  const isOwn = proposedBy === `operator:${account.operatorId}`
  if (!isOwn && !mayDecide(account, proposal)) return null
  return (
    <div className="actions">
      {isOwn ? (
        <ActButton
          name="proposal.withdraw"
          label={t.proposals.withdraw}
          says={t.proposals.withdrawSays}
          input={() => ({ proposalId })}
          onDone={onDecided}
        />
      ) : (
        <>
          <ActButton
            name="proposal.approve"
            label={t.proposals.approve}
            says={
              <>
                <Question proposal={proposal} says={t.proposals.approveSays} />
                <Effects proposal={proposal} />
              </>
            }
            button={{ variant: 'filled' }}
            fields={[{ name: 'word', label: t.proposals.word }]}
            input={({ word = '' }) => ({ proposalId, ...(word === '' ? {} : { word }) })}
            onDone={onDecided}
          />
          <ActButton
            name="proposal.decline"
            label={t.proposals.decline}
            says={<Question proposal={proposal} says={t.proposals.declineSays} />}
            fields={[{ name: 'word', label: t.proposals.wordOfNo, isRequired: true }]}
            input={({ word = '' }) => ({ proposalId, word })}
            onDone={onDecided}
          />
        </>
      )}
    </div>
  )
}

/** What the change of a merchant would have done to the last day's calls. */
function Effects({ proposal: { proposalId, operation, input } }: { readonly proposal: Proposal }) {
  const isMay = useMay()
  const { data } = useQuery({
    queryKey: ['merchant.update', 'effects', proposalId],
    queryFn: ({ signal }) =>
      admin.run('merchant.update', input as AdminInput<'merchant.update'>, { signal, ifMatch: '*', validateOnly: true }),
    enabled: operation === 'merchant.update' && isMay('merchant.update'),
    retry: false,
  })
  return data === undefined ? null : <EffectList effects={data.effects} />
}

/** What a decision is about, beside it. */
function Question({ proposal, says }: { readonly proposal: Proposal; readonly says: string }) {
  return (
    <>
      <div className="note">
        <ProposedChange proposal={proposal} />
        <p>
          <span className="soft">{t.proposals.reason}:</span> {proposal.reason}
        </p>
      </div>
      <p>{says}</p>
    </>
  )
}

/** What always needs two people. */
function Policy() {
  const { data: policy } = useRead('approval-policy.show', {})
  if (policy === undefined) return null
  return (
    <Section
      title={t.proposals.policy}
      says={t.proposals.policySays}
      actions={
        <ActButton
          name="approval-policy.update"
          label={t.proposals.setPolicy}
          says={t.proposals.setPolicySays}
          current={policy}
          fields={[
            {
              name: 'operations',
              label: t.proposals.operations,
              says: t.proposals.operationsSays,
              kind: 'lines',
              initial: policy.operations.join('\n'),
            },
            {
              name: 'agentIds',
              label: t.operators.merchants,
              says: t.operators.merchantsSays,
              kind: 'lines',
              initial: policy.agentIds?.join('\n') ?? '',
            },
          ]}
          input={({ operations, agentIds }) => {
            const merchants = linesOf(agentIds)
            return { operations: linesOf(operations), agentIds: merchants.length === 0 ? null : merchants }
          }}
        />
      }
    >
      <Facts
        facts={[
          [t.proposals.operations, policy.operations.join(', ') || t.none],
          [t.operators.merchants, policy.agentIds?.join(', ') ?? t.operators.all],
        ]}
      />
    </Section>
  )
}
