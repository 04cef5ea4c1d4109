import { useMay } from '../api/account.ts'
import { useRead } from '../api/use-read.ts'
import { ActButton } from '../parts/act-button.tsx'
import { DataList } from '../parts/data-list.tsx'
import { Facts, Page, State } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { wordOf } from '../parts/words.ts'
import { t } from '../texts/texts.ts'

const everyMs = 10_000

/** The keys that sign sellers' tokens, and the next rotation. */
export function SigningKeysScreen() {
  const isMay = useMay()
  const { data: status } = useRead('status.show', {}, { isEnabled: isMay('status.show') })
  return (
    <Page
      title={t.pages.signingKeys}
      says={t.signingKeys.says}
      actions={
        <ActButton
          name="keys.rotate"
          label={t.signingKeys.rotate}
          says={t.signingKeys.rotateSays}
          fields={[{ name: 'now', label: t.signingKeys.now, says: t.signingKeys.nowSays, kind: 'check' }]}
          input={({ now }) => (now === 'true' ? { now: true } : {})}
        />
      }
    >
      <section className="panel" aria-label={t.pages.signingKeys}>
        {status !== undefined && (
          <Facts facts={[[t.signingKeys.next, <Time key="next" at={status.signingKey?.nextAt} none={t.signingKeys.noNext} />]]} />
        )}
        <DataList
          name="keys.list"
          input={{}}
          label={t.pages.signingKeys}
          everyMs={everyMs}
          keyOf={({ kid }) => kid}
          empty={t.signingKeys.empty}
          columns={[
            { title: t.signingKeys.kid, cell: ({ kid }) => <code>{kid}</code> },
            {
              title: t.signingKeys.state,
              cell: ({ state }) => <State tone={state === 'signing' ? 'good' : 'plain'}>{wordOf(t.signingKeys.states, state)}</State>,
            },
            { title: t.signingKeys.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
            { title: t.signingKeys.activeAt, cell: ({ activeAt }) => <Time at={activeAt} /> },
            { title: t.signingKeys.tokensEnd, cell: ({ tokensEndAt }) => <Time at={tokensEndAt} none="–" /> },
            { title: t.signingKeys.retiredAt, cell: ({ retiredAt }) => <Time at={retiredAt} none="–" /> },
            {
              title: t.signingKeys.retire,
              needs: ['keys.retire'],
              cell: ({ kid, state }) =>
                state !== 'retired' &&
                state !== 'signing' && (
                  <ActButton
                    name="keys.retire"
                    label={t.signingKeys.retire}
                    says={t.signingKeys.retireSays}
                    isDangerous
                    fields={[{ name: 'force', label: t.signingKeys.force, kind: 'check' }]}
                    input={({ force }) => ({ kid, ...(force === 'true' ? { force: true } : {}) })}
                  />
                ),
            },
          ]}
        />
      </section>
    </Page>
  )
}
