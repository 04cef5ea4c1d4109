import { type AdminOutput, adminOperation, adminOperationNames } from '@lobbykey/contract/admin'
import { useRead } from '../api/use-read.ts'
import { t } from '../texts/texts.ts'
import { Actor } from './actor.tsx'
import { State } from './page.tsx'
import { PageLink, pathOf } from './page-link.tsx'
import { Time } from './time.tsx'
import { wordOf } from './words.ts'

export type Proposal = AdminOutput<'proposal.list'>['items'][number]

interface ProposalProps {
  readonly proposal: Proposal
}

const tones = {
  open: 'warn',
  approved: 'warn',
  done: 'good',
  failed: 'bad',
  declined: 'bad',
  withdrawn: 'plain',
  expired: 'plain',
} as const

/** The operation, on what, with what. Of a merchant's list: what would be added and removed. */
export function ProposedChange({ proposal }: ProposalProps) {
  const { operation, input, agentId } = proposal
  const name = adminOperationNames.find((known) => known === operation)
  const isMerchants = operation === 'merchant.update' && agentId !== null
  return (
    <>
      <strong>
        {isMerchants ? t.merchant.settings : name === undefined ? operation : adminOperation(name).summary}
        {isMerchants && (
          <>
            {' '}
            <PageLink to={pathOf('merchants', agentId)}>{agentId}</PageLink>
          </>
        )}
      </strong>
      {Object.entries(input)
        .filter(([field]) => !(isMerchants && field === 'agentId'))
        .map(([field, value]) => (
          <div key={field} className="small">
            <span className="soft">{isMerchants ? labelOf(field) : field}:</span>{' '}
            {isMerchants && isTexts(value) ? (
              <ListChange proposal={proposal} agentId={agentId} field={field} next={value} />
            ) : (
              valueText(value)
            )}
          </div>
        ))}
    </>
  )
}

/** Compared with the merchant of now, while it can still be decided. */
function ListChange(props: ProposalProps & { readonly agentId: string; readonly field: string; readonly next: readonly string[] }) {
  const { proposal, agentId, field, next } = props
  const { data } = useRead('merchant.show', { agentId }, { isEnabled: proposal.state === 'open' })
  const before = (data as Readonly<Record<string, unknown>> | undefined)?.[field]
  if (proposal.state !== 'open' || !isTexts(before) || data?.agentId !== agentId) return next.join(', ') || t.none
  const added = next.filter((entry) => !before.includes(entry))
  const removed = before.filter((entry) => !next.includes(entry))
  if (added.length + removed.length === 0) return t.proposals.noDifference
  return (
    <ul className="list-change">
      {added.map((entry) => (
        <li key={entry} className="added">
          <span className="soft">{t.proposals.adds}</span> {entry}
        </li>
      ))}
      {removed.map((entry) => (
        <li key={entry} className="removed">
          <span className="soft">{t.proposals.removes}</span> {entry}
        </li>
      ))}
      {next.length === 0 && <li>{t.proposals.empties}</li>}
    </ul>
  )
}

/** Its state, who decided, and the word that they gave. */
export function ProposalDecision({ proposal: { state, decidedBy, decidedAt, word, problem, expiresAt } }: ProposalProps) {
  return (
    <>
      <State tone={tones[state]}>{wordOf(t.proposals.states, state)}</State>
      {word !== null && <p className="word">{word}</p>}
      {problem !== null && <div className="problem">{problem}</div>}
      <div className="soft small">
        {state === 'open' ? (
          <>
            {t.proposals.until} <Time at={expiresAt} />
          </>
        ) : (
          <>
            {decidedBy !== null && <Actor actor={decidedBy} />} <Time at={decidedAt} none="" />
          </>
        )}
      </div>
    </>
  )
}

function labelOf(field: string): string {
  const texts = t.merchant.fields as Readonly<Record<string, readonly string[]>>
  return texts[field]?.[0] ?? field
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'string')
}

function valueText(value: unknown): string {
  return isTexts(value) ? value.join(', ') : JSON.stringify(value)
}
