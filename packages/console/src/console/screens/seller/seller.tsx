import { useParams } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'
import { useRead } from '../../api/use-read.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { DataList } from '../../parts/data-list.tsx'
import { linesOf } from '../../parts/fields.tsx'
import { labelsOf, labelText } from '../../parts/labels.ts'
import { Facts, Page, Section, State } from '../../parts/page.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { SecretText } from '../../parts/secret-text.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'
import { Throttles } from './throttles.tsx'

export function SellerScreen() {
  const { sellerId = '' } = useParams({ strict: false }) as { sellerId?: string }
  const isMay = useMay()
  const { data: seller, error } = useRead('seller.show', { sellerId })
  if (error !== null && seller?.sellerId !== sellerId) return <ProblemText problem={error} />
  if (seller === undefined || seller.sellerId !== sellerId) return <Skeleton />
  const whom = { sellerId }
  return (
    <Page
      title={seller.email}
      says={<State tone={seller.status === 'enabled' ? 'good' : 'bad'}>{t[seller.status]}</State>}
      actions={
        <>
          <ActButton
            name="seller.reset"
            label={t.sellers.reset}
            says={t.sellers.resetSays}
            input={() => whom}
            done={({ url }) => <SecretText label={t.sellers.resetLink} text={url} />}
          />
          <ActButton name="seller.unlock" label={t.sellers.unlock} says={t.sellers.unlockSays} input={() => whom} />
          <ActButton
            name="seller.end-sessions"
            label={t.sellers.endSessions}
            says={t.sellers.endSessionsSays}
            isDangerous
            input={() => whom}
          />
          <ActButton
            name="seller.update"
            label={t.sellers.edit}
            says={t.sellers.editSays}
            current={seller}
            fields={[
              { name: 'email', label: t.sellers.email, initial: seller.email, isRequired: true },
              { name: 'labels', label: t.labels.title, says: t.labels.says, kind: 'lines', initial: labelText(seller.labels) },
            ]}
            input={({ email = '', labels }) => ({ ...whom, email, labels: labelsOf(linesOf(labels)) })}
          />
          <ActButton
            name="seller.set-password"
            label={t.sellers.setPassword}
            says={t.sellers.setPasswordSays}
            isDangerous
            fields={[{ name: 'password', label: t.sellers.password, says: t.sellers.passwordSays, kind: 'password', isRequired: true }]}
            input={({ password = '' }) => ({ ...whom, password })}
          />
          {seller.status === 'enabled' ? (
            <ActButton name="seller.disable" label={t.sellers.disable} says={t.sellers.disableSays} isDangerous input={() => whom} />
          ) : (
            <ActButton name="seller.enable" label={t.sellers.enable} says={t.sellers.enableSays} input={() => whom} />
          )}
          <ActButton name="seller.delete" label={t.sellers.delete} says={t.sellers.deleteSays} isDangerous input={() => whom} />
        </>
      }
    >
      <div className="columns">
        <Section title={t.sellers.facts}>
          <Facts
            facts={[
              [t.sellers.lastLogin, <Time key="last" at={seller.lastLoginAt} />],
              [t.sellers.needless, `${seller.needlessLogins}. ${t.sellers.needlessSays}`],
              [t.labels.title, labelText(seller.labels) || '–'],
              [t.sellers.created, <Time key="created" at={seller.createdAt} />],
            ]}
          />
        </Section>
        {isMay('throttle.list') && (
          <Section title={t.sellers.locks}>
            <Throttles ofEmail={seller.email} />
          </Section>
        )}
      </div>
      <Section title={t.sellers.sessions}>
        <DataList
          name="seller-session.list"
          input={whom}
          label={t.sellers.sessions}
          keyOf={({ sid }) => sid}
          empty={t.sellers.noSessions}
          columns={[
            { title: t.sellers.state, cell: ({ state }) => <State tone={state === 'live' ? 'good' : 'plain'}>{state}</State> },
            { title: t.sellers.since, cell: ({ createdAt }) => <Time at={createdAt} /> },
            { title: t.sellers.until, cell: ({ endedAt, expiresAt }) => <Time at={endedAt ?? expiresAt} /> },
            { title: t.sellers.address, cell: ({ address }) => address ?? '–' },
            {
              title: t.sellers.endSession,
              needs: ['seller-session.end'],
              cell: ({ sid, state }) =>
                state === 'live' && (
                  <ActButton
                    name="seller-session.end"
                    label={t.sellers.endSession}
                    says={t.members.endSessionSays}
                    isDangerous
                    input={() => ({ ...whom, sid })}
                  />
                ),
            },
          ]}
        />
      </Section>
    </Page>
  )
}
