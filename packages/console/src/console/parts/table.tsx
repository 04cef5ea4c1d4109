import type { AdminOperationName } from '@lobbykey/contract/admin'
import { memo, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { may, useAccount } from '../api/account.ts'

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

/** Rows that are in the page or out of it together; a shorter table is in it as a whole. */
export const partRows = 200

/** A table; on a phone each row is a card with labelled cells. Of a long one, only what is near the window is in the page. */
export function Table<Item>({ label, columns: all, items, keyOf }: TableProps<Item>) {
  const account = useAccount()
  const columns = useMemo(() => all.filter(({ needs }) => needs === undefined || needs.some((name) => may(account, name))), [all, account])
  const parts = useMemo(
    () => Array.from({ length: Math.ceil(items.length / partRows) }, (_part, at) => items.slice(at * partRows, (at + 1) * partRows)),
    [items],
  )
  const head = useRef<HTMLTableRowElement>(null)
  const widths = useKeptWidths(head, parts.length > 1)
  return (
    <table className={widths === null ? 'table' : 'table kept'} aria-label={label} aria-rowcount={items.length + 1}>
      {widths !== null && (
        <colgroup>
          {columns.map(({ title }, at) => (
            <col key={title} style={{ width: widths[at] }} />
          ))}
        </colgroup>
      )}
      <thead>
        <tr ref={head}>
          {columns.map(({ title, isNumber }) => (
            <th key={title} scope="col" className={isNumber ? 'number' : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      {parts.map((part, at) => {
        const rows = part.map((item) => <Row key={keyOf(item)} columns={columns as readonly Column<unknown>[]} item={item} />)
        return parts.length === 1 ? (
          <tbody key="only">{rows}</tbody>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is where its rows are
          <Part key={at} columns={columns.length}>
            {rows}
          </Part>
        )
      })}
    </table>
  )
}

/** Of columns, so that they stay as they are while rows come and go; null while the rows decide. */
function useKeptWidths(head: { readonly current: HTMLTableRowElement | null }, isKept: boolean): readonly string[] | null {
  const [widths, setWidths] = useState<readonly string[] | null>(null)
  useLayoutEffect(() => {
    const row = head.current
    if (!isKept || row === null) return setWidths(null)
    const whole = row.getBoundingClientRect().width
    setWidths([...row.children].map((cell) => `${(100 * cell.getBoundingClientRect().width) / whole}%`))
  }, [head, isKept])
  return widths
}

/** Rows, or a space of their height where they are far from the window. */
function Part({ columns, children }: { readonly columns: number; readonly children: readonly ReactNode[] }) {
  const body = useRef<HTMLTableSectionElement>(null)
  // Rows may come to it meanwhile.
  const [rowHeight, setRowHeight] = useState<number | null>(null)
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return
        const { height } = entry.boundingClientRect
        setRowHeight((known) => (entry.isIntersecting ? null : (known ?? height / (body.current?.rows.length ?? 1))))
      },
      { rootMargin: '100% 0px' },
    )
    if (body.current !== null) observer.observe(body.current)
    return () => observer.disconnect()
  }, [])
  return (
    <tbody ref={body}>
      {rowHeight === null ? (
        children
      ) : (
        <tr className="space" style={{ height: rowHeight * children.length }}>
          <td colSpan={columns} />
        </tr>
      )}
    </tbody>
  )
}

interface RowProps {
  readonly columns: readonly Column<unknown>[]
  readonly item: unknown
}

/** Rendered again only when it or the columns changed, so that a long list grows without its earlier rows. */
const Row = memo(function Row({ columns, item }: RowProps) {
  return (
    <tr>
      {columns.map(({ title, cell, isNumber }) => (
        <td key={title} data-title={title} className={isNumber ? 'number' : undefined}>
          <div className={isNumber ? undefined : 'text-cell'}>{cell(item)}</div>
        </td>
      ))}
    </tr>
  )
})
