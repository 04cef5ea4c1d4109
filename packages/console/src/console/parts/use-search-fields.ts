import { useNavigate, useSearch } from '@tanstack/react-router'

export type SearchFields = Readonly<Record<string, string | undefined>>

/** The filters of a page, kept in its URL; empty ones are left out. */
export function useSearchFields(): [SearchFields, (changed: SearchFields) => void] {
  const fields = useSearch({ strict: false }) as SearchFields
  const navigate = useNavigate()
  const change = (changed: SearchFields) => {
    const next = Object.fromEntries(Object.entries({ ...fields, ...changed }).filter(([, value]) => value !== undefined && value !== ''))
    void navigate({ to: '.', search: next as never, replace: true })
  }
  return [fields, change]
}
