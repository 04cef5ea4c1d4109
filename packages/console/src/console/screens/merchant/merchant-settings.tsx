import { signingAlgorithmIds, signingAlgorithms } from '@lobbykey/contract'
import { type AdminInput, type AdminOutput, etagOf, openProposals } from '@lobbykey/contract/admin'
import { Button, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { AdminError } from 'lobbykey-client/admin'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { admin } from '../../api/client.ts'
import { useAct } from '../../api/use-act.ts'
import { useRead } from '../../api/use-read.ts'
import { ActButton, EffectList } from '../../parts/act-button.tsx'
import { type Field, Fields, initialValues, linesOf, type Values } from '../../parts/fields.tsx'
import { labelsOf, labelText } from '../../parts/labels.ts'
import { Facts, Section } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemText, problemText } from '../../parts/problem-text.tsx'
import { platformName } from '../../parts/product-names.ts'
import { ProposalDecision, ProposedChange } from '../../parts/proposal.tsx'
import { Table } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'

type Merchant = AdminOutput<'merchant.show'>

const askedMax = 5

const platforms = ['ios', 'android', 'h5', 'web'] as const

/** A merchant's settings, each with its effect. Sends only what was changed here. */
export function MerchantSettings({ merchant }: { readonly merchant: Merchant }) {
  const isMay = useMay()
  const fields = settingFields(merchant)
  if (!isMay('merchant.update')) {
    return (
      <>
        <Section title={t.merchant.settings} actions={<ProposeChanges merchant={merchant} fields={fields} />}>
          <Facts facts={fields.map((field) => [field.label, valueText(merchant, field)])} />
        </Section>
        {isMay('proposal.list') && <Asked agentId={merchant.agentId} />}
      </>
    )
  }
  return <SettingsForm merchant={merchant} fields={fields} />
}

/** The latest proposals about it, with their answers. */
function Asked({ agentId }: { readonly agentId: string }) {
  const { data } = useRead('proposal.list', { limit: 50 })
  const own = data?.items.filter((proposal) => proposal.agentId === agentId).slice(0, askedMax) ?? []
  if (own.length === 0) return null
  return (
    <Section title={t.proposals.asks} actions={<PageLink to="/proposals">{t.pages.proposals}</PageLink>}>
      <Table
        label={t.proposals.asks}
        items={own}
        keyOf={({ proposalId }) => proposalId}
        columns={[
          { title: t.proposals.change, cell: (proposal) => <ProposedChange proposal={proposal} /> },
          { title: t.proposals.reason, cell: ({ reason }) => reason },
          { title: t.proposals.state, cell: (proposal) => <ProposalDecision proposal={proposal} /> },
        ]}
      />
    </Section>
  )
}

/** For those who may not change it: what they may ask for. */
function ProposeChanges({ merchant: { agentId }, fields }: { readonly merchant: Merchant; readonly fields: readonly Field[] }) {
  const [, ...names] = openProposals['merchant.update'] ?? []
  return names.map((name) => {
    const field = fields.find((one) => one.name === name)
    return (
      field !== undefined && (
        <ActButton
          key={name}
          name="proposal.add"
          label={t.proposals.ask(field.label)}
          says={t.proposals.askSays}
          fields={[field, { name: 'reason', label: t.proposals.reason, isRequired: true }]}
          input={({ reason = '', ...values }) => ({
            operation: 'merchant.update',
            input: { agentId, [name]: linesOf(values[name]) },
            reason,
          })}
          done={() => <p>{t.proposals.asked}</p>}
        />
      )
    )
  })
}

function SettingsForm({ merchant, fields }: { readonly merchant: Merchant; readonly fields: readonly Field[] }) {
  // The state when the form was opened: later refreshes do not overwrite input.
  const [read, setRead] = useState({ merchant, values: initialValues(fields) })
  const [values, setValues] = useState<Values>(read.values)
  const [effects, setEffects] = useState<readonly string[] | null>(null)
  const [isSaved, setIsSaved] = useState(false)
  const act = useAct('merchant.update')
  const queries = useQueryClient()
  const changed = changesOf(merchant.agentId, read.values, values)
  const isChanged = Object.keys(changed).length > 1
  const fault = act.problem instanceof AdminError ? { field: act.problem.field, text: problemText(act.problem) } : null
  const isAtField = fault !== null && fields.some(({ name }) => name === fault.field)
  const isOutdated = act.problem instanceof AdminError && act.problem.key === 'changed_meanwhile'
  const etag = etagOf(read.merchant)
  const options = etag === null ? {} : { ifMatch: etag }

  const rehearse = async () => setEffects((await act.run(changed, { ...options, validateOnly: true }))?.effects ?? null)
  const save = async () => {
    const answer = await act.run(changed, options)
    if (answer === null) return
    const saved = initialValues(settingFields(answer))
    setRead({ merchant: answer, values: saved })
    setValues(saved)
    setEffects(answer.effects)
    setIsSaved(true)
  }
  /** After a colleague's change: their values become the new base, and input is kept. */
  const readAgain = async () => {
    const now = await queries.fetchQuery({
      queryKey: ['merchant.show', { agentId: merchant.agentId }],
      queryFn: () => admin.run('merchant.show', { agentId: merchant.agentId }),
      staleTime: 0,
    })
    const theirs = initialValues(settingFields(now))
    setValues({ ...theirs, ...Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== read.values[name])) })
    setRead({ merchant: now, values: theirs })
    act.forgetProblem()
  }

  return (
    <Section title={t.merchant.settings} says={t.merchant.settingsSays}>
      <form
        className="form settings"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Fields
          fields={fields}
          values={values}
          fault={fault}
          onChange={(name, value) => {
            setValues({ ...values, [name]: value })
            setEffects(null)
            setIsSaved(false)
          }}
        />
        <div className="form settings-end">
          {effects !== null && <EffectList effects={effects} />}
          {act.problem !== null && !isAtField && <ProblemText problem={act.problem} />}
          <Group gap="sm">
            <Button type="submit" loading={act.isRunning} disabled={!isChanged}>
              {t.save}
            </Button>
            <Button variant="default" disabled={!isChanged} onClick={() => void rehearse()}>
              {t.act.rehearse}
            </Button>
            {isOutdated && (
              <Button variant="default" onClick={() => void readAgain()}>
                {t.act.readAgain}
              </Button>
            )}
            {isSaved && <span role="status">{t.merchant.saved}</span>}
          </Group>
          <p className="soft small">
            {t.merchants.changed}: <Time at={merchant.updatedAt} />
          </p>
        </div>
      </form>
    </Section>
  )
}

function settingFields(merchant: Merchant): Field[] {
  const texts = t.merchant.fields
  const field = (name: keyof typeof texts, rest: Omit<Field, 'name' | 'label'>): Field => {
    const [label = '', says = ''] = texts[name]
    return { name, label, ...(says === '' ? {} : { says }), ...rest }
  }
  const lines = (list: readonly string[]) => list.join('\n')
  const options = (labels: Readonly<Record<string, string>>) => Object.entries(labels).map(([value, label]) => ({ value, label }))
  return [
    field('currencies', { kind: 'lines', initial: lines(merchant.currencies) }),
    field('allow', { kind: 'lines', initial: lines(merchant.allow) }),
    field('callbackOrigins', { kind: 'lines', initial: lines(merchant.callbackOrigins) }),
    field('frameAncestors', { kind: 'lines', initial: lines(merchant.frameAncestors) }),
    field('lobbyUrl', { initial: merchant.lobbyUrl ?? '' }),
    ...platforms.map((platform) => ({
      name: platform,
      label: t.merchant.lobbyUrlOf(platformName(platform)),
      initial: merchant.lobbyUrls[platform] ?? '',
    })),
    field('launch', { kind: 'choice', choices: options(t.merchant.launches), initial: merchant.launch }),
    field('sessions', { kind: 'choice', choices: options(t.merchant.sessionRules), initial: merchant.sessions }),
    field('ratePerSecond', { kind: 'number', initial: merchant.ratePerSecond === null ? '' : String(merchant.ratePerSecond) }),
    field('autoCreateMembers', { kind: 'check', initial: String(merchant.autoCreateMembers) }),
    field('sign', {
      kind: 'choice',
      choices: signingAlgorithmIds.map((value) => ({ value, label: signingAlgorithms[value].label })),
      initial: merchant.sign,
    }),
    field('callback', { kind: 'choice', choices: options(t.merchant.callbacks), initial: merchant.callback }),
    field('labels', { kind: 'lines', initial: labelText(merchant.labels) }),
  ]
}

type Changes = AdminInput<'merchant.update'>

/** The changed fields, as the operation's input. */
function changesOf(agentId: string, before: Values, after: Values): Changes {
  const isChanged = (name: string) => before[name] !== after[name]
  const parts: Record<string, (text: string) => unknown> = {
    currencies: linesOf,
    allow: linesOf,
    callbackOrigins: linesOf,
    frameAncestors: linesOf,
    lobbyUrl: urlOrNull,
    launch: (text) => text,
    sessions: (text) => text,
    ratePerSecond: (text) => (text.trim() === '' ? null : Number(text)),
    autoCreateMembers: (text) => text === 'true',
    sign: (text) => text,
    callback: (text) => text,
    labels: (text) => labelsOf(linesOf(text)),
  }
  const changes: Record<string, unknown> = { agentId }
  for (const [name, read] of Object.entries(parts)) if (isChanged(name)) changes[name] = read(after[name] ?? '')
  if (platforms.some(isChanged))
    changes.lobbyUrls = Object.fromEntries(platforms.map((platform) => [platform, urlOrNull(after[platform] ?? '')]))
  return changes as unknown as Changes
}

function urlOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}

/** A setting in words; an empty one by what it means. */
function valueText(merchant: Merchant, { name, kind, initial = '', choices }: Field): string {
  if (kind === 'check') return initial === 'true' ? t.yes : t.no
  if (kind === 'choice') return choices?.find(({ value }) => value === initial)?.label ?? initial
  if (initial !== '') return initial.replaceAll('\n', ', ')
  if (name === 'ratePerSecond') return t.merchant.unset.ratePerSecond
  if (name === 'lobbyUrl') return t.merchant.unset.lobbyUrl
  if (platforms.some((platform) => platform === name)) return merchant.lobbyUrl ?? t.merchant.unset.lobbyUrl
  return t.none
}
