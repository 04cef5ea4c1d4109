import { type AdminOutput, adminOperation, adminOperationNames } from '@lobbykey/contract/admin'
import { useAccount, useMay } from '../api/account.ts'
import { useRead } from '../api/use-read.ts'
import { ActButton } from '../parts/act-button.tsx'
import { DataList } from '../parts/data-list.tsx'
import { linesOf } from '../parts/fields.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Facts, Page, Section, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'

type Proposal = AdminOutput<'proposal.list'>['items'][number]

const tones = {
  open: 'warn',
  approved: 'warn',
  done: 'good',
  failed: 'bad',
  declined: 'plain',
  withdrawn: 'plain',
  expired: 'plain',
} as const

/** Changes that wait for another person, and which changes have to. */
export function ProposalsScreen() {
  const [{ show }] = useSearchFields()
  const isMay = useMay()
  return (
    <Page title={t.pages.proposals} says={t.proposals.says}>
      <section className="panel" aria-label={t.pages.proposals}>
        <FilterRow
          fields={[
            {
              name: 'show',
              label: t.proposals.show,
              kind: 'choice',
              choices: [
                { value: '', label: t.proposals.waiting },
                { value: 'all', label: t.any },
              ],
            },
          ]}
        />
        <DataList
          name="proposal.list"
          input={show === 'all' ? {} : { open: true }}
          label={t.pages.proposals}
          keyOf={({ proposalId }) => proposalId}
          empty={t.proposals.empty}
          columns={[
            { title: t.proposals.change, cell: (proposal) => <Change proposal={proposal} /> },
            { title: t.proposals.reason, cell: ({ reason }) => reason },
            {
              title: t.proposals.by,
              cell: ({ proposedBy, createdAt }) => (
                <>
                  <Proposer actor={proposedBy} />
                  <br />
                  <span className="soft small">
                    <Time at={createdAt} />
                  </span>
                </>
              ),
            },
            { title: t.proposals.state, cell: (proposal) => <Decision proposal={proposal} /> },
            { title: t.proposals.actions, cell: (proposal) => <Actions proposal={proposal} /> },
          ]}
        />
      </section>
      {isMay('approval-policy.show') && <Policy />}
    </Page>
  )
}

/** The operation, on what, with what. */
function Change({ proposal: { operation, input, agentId } }: { readonly proposal: Proposal }) {
  const summary = adminOperationNames.find((name) => name === operation)
  return (
    <>
      <strong>{summary === undefined ? operation : adminOperation(summary).summary}</strong>
      {Object.entries(input).map(([name, value]) => (
        <div key={name} className="small">
          <span className="soft">{name}:</span>{' '}
          {name === 'agentId' && agentId !== null ? <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink> : valueText(value)}
        </div>
      ))}
    </>
  )
}

function Decision({ proposal: { state, decidedBy, decidedAt, word, problem, expiresAt } }: { readonly proposal: Proposal }) {
  return (
    <>
      <State tone={tones[state]}>{t.proposals.states[state] ?? state}</State>
      <div className="soft small">
        {state === 'open' ? (
          <>
            {t.proposals.until} <Time at={expiresAt} />
          </>
        ) : (
          <>
            {decidedBy} <Time at={decidedAt} none="" />
          </>
        )}
      </div>
      {word !== null && <div>{word}</div>}
      {problem !== null && <div className="problem">{problem}</div>}
    </>
  )
}

/** By name, where the reader may see operators; programs and others as the events name them. */
function Proposer({ actor }: { readonly actor: string }) {
  const operatorId = /^operator:(.+)$/.exec(actor)?.[1] ?? ''
  const isShown = useMay()('operator.show') && operatorId !== ''
  const { data } = useRead('operator.show', { operatorId }, { isEnabled: isShown })
  return isShown ? <PageLink to={pathOf('operators', operatorId)}>{data?.name ?? actor}</PageLink> : actor
}

function Actions({ proposal: { proposalId, proposedBy, state } }: { readonly proposal: Proposal }) {
  const { operatorId } = useAccount()
  if (state !== 'open') return null
  const isOwn = proposedBy === `operator:${operatorId}`
  return (
    <div className="actions">
      {isOwn ? (
        <ActButton name="proposal.withdraw" label={t.proposals.withdraw} says={t.proposals.withdrawSays} input={() => ({ proposalId })} />
      ) : (
        <>
          <ActButton
            name="proposal.approve"
            label={t.proposals.approve}
            says={t.proposals.approveSays}
            button={{ variant: 'filled' }}
            fields={[{ name: 'word', label: t.proposals.word }]}
            input={({ word = '' }) => ({ proposalId, ...(word === '' ? {} : { word }) })}
          />
          <ActButton
            name="proposal.decline"
            label={t.proposals.decline}
            says={t.proposals.declineSays}
            fields={[{ name: 'word', label: t.proposals.wordOfNo, isRequired: true }]}
            input={({ word = '' }) => ({ proposalId, word })}
          />
        </>
      )}
    </div>
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

function valueText(value: unknown): string {
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value.join(', ') : JSON.stringify(value)
}
