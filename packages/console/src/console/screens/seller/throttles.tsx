import { ActButton } from '../../parts/act-button.tsx'
import { DataList } from '../../parts/data-list.tsx'
import { FilterRow } from '../../parts/filter-row.tsx'
import { Time } from '../../parts/time.tsx'
import { useSearchFields } from '../../parts/use-search-fields.ts'
import { wordOf } from '../../parts/words.ts'
import { t } from '../../texts/texts.ts'

/** Counters of wrong passwords: all, or those that apply to an account or address. */
export function Throttles({ ofEmail }: { readonly ofEmail?: string }) {
  const [search] = useSearchFields()
  const email = ofEmail ?? search.email
  const address = ofEmail === undefined ? search.address : undefined
  return (
    <>
      {ofEmail === undefined && (
        <FilterRow
          fields={[
            { name: 'email', label: t.sellers.email },
            { name: 'address', label: t.sellers.address },
          ]}
        />
      )}
      <DataList
        name="throttle.list"
        input={{ ...(email ? { email } : {}), ...(address ? { address } : {}) }}
        label={t.sellers.locks}
        keyOf={({ throttleId }) => throttleId}
        empty={t.sellers.noLocks}
        columns={[
          { title: t.sellers.counter, cell: ({ kind }) => (kind === null ? t.sellers.hashed : wordOf(t.sellers.kinds, kind)) },
          { title: t.sellers.state, cell: ({ state }) => (state === null ? '–' : wordOf(t.sellers.states, state)) },
          { title: t.sellers.failures, isNumber: true, cell: ({ failures }) => failures },
          { title: t.sellers.lastFailed, cell: ({ lastFailedAt }) => <Time at={lastFailedAt} /> },
          { title: t.sellers.retryAt, cell: ({ retryAt }) => <Time at={retryAt} none="–" /> },
          {
            title: t.sellers.clear,
            needs: ['throttle.clear'],
            cell: ({ throttleId }) => (
              <ActButton name="throttle.clear" label={t.sellers.clear} says={t.sellers.clearSays} input={() => ({ throttleId })} />
            ),
          },
        ]}
      />
    </>
  )
}
