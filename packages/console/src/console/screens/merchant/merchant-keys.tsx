import type { AdminOutput } from '@lobbykey/contract/admin'
import { useAccount } from '../../api/account.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { Section, State } from '../../parts/page.tsx'
import { handOverField, NewSecret } from '../../parts/secret-text.tsx'
import { Table } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'
import { rotationStage } from './rotation-stage.ts'

type Merchant = AdminOutput<'merchant.show'>

/** A merchant's keys, and the progress of a rotation. */
export function MerchantKeys({ merchant }: { readonly merchant: Merchant }) {
  const { agentId, keys } = merchant
  const { rights } = useAccount()
  const stage = rotationStage(keys, Date.now())
  const isForced = rights.includes('merchant-keys.force')
  return (
    <>
      <Section
        title={t.merchant.path}
        actions={
          <ActButton
            name="merchant.rotate-key"
            label={t.merchant.rotate}
            says={t.merchant.rotateSays}
            button={{ variant: stage === 0 ? 'filled' : 'default' }}
            fields={[handOverField()]}
            input={({ handOver }) => ({ agentId, ...(handOver === 'true' ? { handOver: true } : {}) })}
            done={({ key, handOver }) => <NewSecret label={t.merchants.key} secret={key} handOver={handOver} />}
          />
        }
      >
        <ol className="stages">
          {t.merchant.stages.map((text, index) => (
            <li
              key={text}
              className={index === stage ? 'here' : index < stage ? 'past' : undefined}
              {...(index === stage ? { 'aria-current': 'step' as const } : {})}
            >
              {text}
            </li>
          ))}
        </ol>
      </Section>
      <Section title={t.merchant.keys} says={t.merchant.keysSays}>
        <Table
          label={t.merchant.keys}
          items={keys}
          keyOf={({ keyId }) => keyId}
          columns={[
            { title: t.merchant.keyId, cell: ({ keyId }) => <code>{keyId}</code> },
            {
              title: t.merchants.status,
              cell: ({ status }) => <State tone={status === 'active' ? 'good' : 'plain'}>{t.merchant[status]}</State>,
            },
            { title: t.merchant.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
            { title: t.merchant.lastUsed, cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
            {
              title: t.merchant.safeFrom,
              cell: ({ safeToRetireFrom, retiredAt }) => <Time at={safeToRetireFrom ?? retiredAt} none="–" />,
            },
            {
              title: t.merchant.retire,
              cell: ({ keyId, status }) =>
                status === 'active' && (
                  <ActButton
                    name="merchant.retire-key"
                    label={t.merchant.retire}
                    says={t.merchant.retireSays}
                    isDangerous
                    hasEffects
                    fields={isForced ? [{ name: 'force', label: t.merchant.force, kind: 'check' }] : []}
                    input={({ force }) => ({ agentId, keyId, ...(force === 'true' ? { force: true } : {}) })}
                  />
                ),
            },
          ]}
        />
      </Section>
    </>
  )
}
