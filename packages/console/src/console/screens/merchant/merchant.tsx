import { Link, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useMay } from '../../api/account.ts'
import { useRead } from '../../api/use-read.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { Page, State } from '../../parts/page.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { PurposeGate } from '../../parts/purpose-gate.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { useSearchFields } from '../../parts/use-search-fields.ts'
import { t } from '../../texts/texts.ts'
import { BrandSection } from './brand-form.tsx'
import { MerchantCertificate } from './merchant-certificate.tsx'
import { MerchantKeys } from './merchant-keys.tsx'
import { MerchantMembers } from './merchant-members.tsx'
import { MerchantOverview } from './merchant-overview.tsx'
import { MerchantSettings } from './merchant-settings.tsx'

/** With the writers of programs, which the other tabs do without. */
const MerchantSamples = lazy(async () => ({ default: (await import('./merchant-samples.tsx')).MerchantSamples }))

const keysEveryMs = 5_000

/** Everything about a merchant, in tabs; the tab is in the URL. */
export function MerchantScreen() {
  const { agentId = '' } = useParams({ strict: false }) as { agentId?: string }
  const [{ tab = 'overview' }] = useSearchFields()
  const isMay = useMay()
  const nav = useRef<HTMLElement>(null)
  // While a rotation is watched, the first call with the new key shows.
  const { data: merchant, error } = useRead('merchant.show', { agentId }, tab === 'keys' ? { everyMs: keysEveryMs } : {})
  const isShown = merchant?.agentId === agentId
  // On a phone the tabs are wider than the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab, or the first one that is shown
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [tab, isShown])
  if (error !== null && merchant?.agentId !== agentId) return <ProblemText problem={error} />
  if (merchant === undefined || merchant.agentId !== agentId) return <Skeleton />
  const tabs = [
    ...(isMay('trace.list') ? [['overview', t.merchant.tabs.overview] as const] : []),
    ['settings', t.merchant.tabs.settings] as const,
    ['brand', t.brand.title] as const,
    ['keys', t.merchant.tabs.keys] as const,
    ['samples', t.merchant.tabs.samples] as const,
    ['certificate', t.merchant.tabs.certificate] as const,
    ...(isMay('member.list') ? [['members', t.merchant.tabs.members] as const] : []),
  ]
  return (
    <Page
      title={agentId}
      says={<State tone={merchant.status === 'enabled' ? 'good' : 'bad'}>{t[merchant.status]}</State>}
      actions={<MerchantActions agentId={agentId} isEnabled={merchant.status === 'enabled'} />}
    >
      <nav className="tabs" aria-label={agentId} ref={nav}>
        {tabs.map(([name, label]) => (
          <Link
            key={name}
            to="."
            search={{ tab: name } as never}
            aria-current={tab === name ? 'page' : undefined}
            activeOptions={{ includeSearch: true }}
          >
            {label}
          </Link>
        ))}
        {isMay('trace.list') && (
          <Link to="/calls" search={{ agentId } as never}>
            {t.merchant.tabs.calls}
          </Link>
        )}
      </nav>
      {merchant.warnings.length > 0 && (
        <ul className="warnings">
          {merchant.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {tab === 'overview' && <MerchantOverview merchant={merchant} />}
      {tab === 'settings' && <MerchantSettings merchant={merchant} />}
      {tab === 'brand' && <BrandSection key={agentId} agentId={agentId} />}
      {tab === 'keys' && <MerchantKeys merchant={merchant} />}
      {tab === 'samples' && (
        <Suspense fallback={<Skeleton />}>
          <MerchantSamples merchant={merchant} />
        </Suspense>
      )}
      {tab === 'certificate' && <MerchantCertificate agentId={agentId} />}
      {tab === 'members' && (
        <PurposeGate>
          <MerchantMembers agentId={agentId} />
        </PurposeGate>
      )}
    </Page>
  )
}

function MerchantActions({ agentId, isEnabled }: { readonly agentId: string; readonly isEnabled: boolean }) {
  const input = () => ({ agentId })
  return (
    <>
      <ActButton
        name="member.kick-merchant"
        label={t.merchant.endSessions}
        says={t.merchant.endSessionsSays}
        input={() => ({ agentId, waitSeconds: 5 })}
        isDangerous
        done={({ ended, entered, acknowledged }) => t.merchant.ended(ended, entered, acknowledged)}
      />
      {isEnabled ? (
        <ActButton name="merchant.disable" label={t.merchant.disable} says={t.merchant.disableSays} input={input} hasEffects isDangerous />
      ) : (
        <>
          <ActButton name="merchant.enable" label={t.merchant.enable} says={t.merchant.enableSays} input={input} />
          <ActButton name="merchant.delete" label={t.merchant.delete} says={t.merchant.deleteSays} input={input} isDangerous />
        </>
      )}
    </>
  )
}
