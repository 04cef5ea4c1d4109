import type { AdminOutput } from '@lobbykey/contract/admin'
import { useAccount } from '../../api/account.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { Section, State } from '../../parts/page.tsx'
import { handOverField, NewSecret } from '../../parts/secret-text.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'
import { rotatingKeys, rotationStage } from './rotation-stage.ts'

type Merchant = AdminOutput<'merchant.show'>

/** A merchant's keys, and the progress of a rotation. */
export function MerchantKeys({ merchant }: { readonly merchant: Merchant }) {
  const { agentId, keys } = merchant
  const stage = rotationStage(keys, Date.now())
  const { old } = rotatingKeys(keys)
  return (
    <>
      <Section
        title={t.merchant.path}
        actions={
          <ActButton
            name="merchant.rotate-key"
            label={t.merchant.rotate}
            says={t.merchant.rotateSays}
            // There are at most two at a time.
            isOffered={old.length === 0}
            button={{ variant: 'filled' }}
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
              <div>
                {text}
                {index === stage && <StageFacts keys={keys} />}
              </div>
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
            // The last one stays.
            ...(old.length === 0 ? [] : [retireColumn(agentId)]),
          ]}
        />
      </Section>
    </>
  )
}

/** What the stage waits for: the new key's first call, or the old one's silence. */
function StageFacts({ keys }: { readonly keys: Merchant['keys'] }) {
  const { newest, old } = rotatingKeys(keys)
  if (newest === undefined || old.length === 0) return null
  return (
    <ul className="soft small stage-facts">
      {[newest, ...old].map(({ keyId, lastUsedAt, safeToRetireFrom }) => (
        <li key={keyId}>
          {keyId === newest.keyId ? t.merchant.newKey : t.merchant.oldKey} <code>{keyId}</code>: {t.merchant.lastUsed.toLowerCase()}{' '}
          <Time at={lastUsedAt} />
          {keyId !== newest.keyId && safeToRetireFrom !== null && (
            <>
              , {t.merchant.safeFrom.toLowerCase()} <Time at={safeToRetireFrom} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function retireColumn(agentId: string): Column<Merchant['keys'][number]> {
  return {
    title: t.merchant.retire,
    needs: ['merchant.retire-key'],
    cell: ({ keyId, status }) => status === 'active' && <RetireButton agentId={agentId} keyId={keyId} />,
  }
}

function RetireButton({ agentId, keyId }: { readonly agentId: string; readonly keyId: string }) {
  const { rights } = useAccount()
  const isForced = rights.includes('merchant-keys.force')
  return (
    <ActButton
      name="merchant.retire-key"
      label={t.merchant.retire}
      says={t.merchant.retireSays}
      isDangerous
      hasEffects
      fields={isForced ? [{ name: 'force', label: t.merchant.force, kind: 'check' }] : []}
      input={({ force }) => ({ agentId, keyId, ...(force === 'true' ? { force: true } : {}) })}
    />
  )
}
