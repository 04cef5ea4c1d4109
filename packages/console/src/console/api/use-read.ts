import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { AdminError, ItemOf, ListName } from 'lobbykey-client/admin'
import { admin } from './client.ts'

export interface ReadOptions {
  readonly isEnabled?: boolean
  /** Refresh interval while the page is visible; at least a second. */
  readonly everyMs?: number
}

/** The result of a read operation. */
export function useRead<Name extends AdminOperationName>(name: Name, input: AdminInput<Name>, options: ReadOptions = {}) {
  return useQuery<AdminOutput<Name>, AdminError>({
    queryKey: [name, input],
    queryFn: ({ signal }) => admin.run(name, input, { signal }),
    enabled: options.isEnabled ?? true,
    refetchInterval: options.everyMs ?? false,
    placeholderData: keepPreviousData as never,
  })
}

interface Page<Item> {
  readonly items: Item[]
  readonly nextCursor: string | null
}

/** A whole list, all pages of it. */
export function useWhole<Name extends ListName>(name: Name, input: Omit<AdminInput<Name>, 'cursor'>, options: ReadOptions = {}) {
  return useQuery<ItemOf<Name>[], AdminError>({
    queryKey: [name, 'whole', input],
    queryFn: () => Array.fromAsync(admin.all(name, input)),
    enabled: options.isEnabled ?? true,
    refetchInterval: options.everyMs ?? false,
    placeholderData: keepPreviousData as never,
  })
}

/** Of the pages after the first, whose reader looks for something: as many as one call gives. */
const laterPageRows = 200

/** A list, loaded page by page. */
export function useList<Name extends ListName>(name: Name, input: Omit<AdminInput<Name>, 'cursor'>, options: ReadOptions = {}) {
  const query = useInfiniteQuery<Page<ItemOf<Name>>, AdminError, InfiniteData<Page<ItemOf<Name>>>, unknown[], string | null>({
    queryKey: [name, 'pages', input],
    queryFn: async ({ pageParam, signal }) => {
      const pageInput = { ...input, ...(pageParam === null ? {} : { cursor: pageParam, limit: laterPageRows }) } as AdminInput<Name>
      return (await admin.run(name, pageInput, { signal })) as unknown as Page<ItemOf<Name>>
    },
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: options.isEnabled ?? true,
    refetchInterval: options.everyMs ?? false,
  })
  return { ...query, items: query.data?.pages.flatMap(({ items }) => items) ?? [] }
}
