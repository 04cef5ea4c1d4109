import type { AdminOperationName } from '@lobbykey/contract/admin'
import type { ReactNode } from 'react'
import { useMay } from '../api/account.ts'

export interface Column<Item> {
  readonly title: string
  readonly cell: (item: Item) => ReactNode
  /** Aligned right. */
  readonly isNumber?: boolean
  /** What its buttons run: only for those who may. */
  readonly needs?: readonly AdminOperationName[]
}

export interface TableProps<Item> {
  readonly label: string
  readonly columns: readonly Column<Item>[]
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
}

/** A table; on a phone each row is a card with labelled cells. */
export function Table<Item>({ label, columns: all, items, keyOf }: TableProps<Item>) {
  const isMay = useMay()
  const columns = all.filter(({ needs }) => needs === undefined || needs.some(isMay))
  return (
    <table className="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ title, isNumber }) => (
            <th key={title} scope="col" className={isNumber ? 'number' : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={keyOf(item)}>
            {columns.map(({ title, cell, isNumber }) => (
              <td key={title} data-title={title} className={isNumber ? 'number' : undefined}>
                <div className={isNumber ? undefined : 'text-cell'}>{cell(item)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
