import type { AdminInput } from '@lobbykey/contract/admin'
import { Button, Group } from '@mantine/core'
import type { ItemOf, ListName } from 'lobbykey-client/admin'
import { type ReactNode, useState } from 'react'
import { admin } from '../api/client.ts'
import { useList } from '../api/use-read.ts'
import { t } from '../texts/texts.ts'
import { saveFile, toCsv } from './csv.ts'
import { ProblemText } from './problem-text.tsx'
import { Skeleton } from './skeleton.tsx'
import { type Column, partRows, Table } from './table.tsx'

/** Maximum of rows per export; use the API for more. */
const exportedMax = 100_000

export interface DataListProps<Name extends ListName> {
  readonly name: Name
  readonly input: Omit<AdminInput<Name>, 'cursor'>
  readonly label: string
  readonly columns: readonly Column<ItemOf<Name>>[]
  readonly keyOf: (item: ItemOf<Name>) => string
  /** Shown for an empty list; says what to do next. */
  readonly empty: ReactNode
  /** False while a filter cannot be asked for, which its field says. */
  readonly isEnabled?: boolean
  readonly everyMs?: number
}

/** A list of the API: page by page, with an export of all rows. */
export function DataList<Name extends ListName>(props: DataListProps<Name>) {
  const { name, input, label, columns, keyOf, empty, isEnabled, everyMs } = props
  const list = useList(name, input, { ...(isEnabled === undefined ? {} : { isEnabled }), ...(everyMs === undefined ? {} : { everyMs }) })
  if (isEnabled === false) return <p className="empty">{t.list.badFilter}</p>
  if (list.error !== null && list.data === undefined) return <ProblemText problem={list.error} />
  if (list.data === undefined) return <Skeleton />
  if (list.items.length === 0 && !list.hasNextPage) return <p className="empty">{empty}</p>
  return (
    <>
      <Table label={label} columns={columns} items={list.items} keyOf={keyOf} />
      <Group justify="space-between" className="list-end">
        {list.hasNextPage ? (
          <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.list.more}
          </Button>
        ) : (
          <span className="soft">{t.list.rows(list.items.length)}</span>
        )}
        <ExportButton name={name} input={input} label={label} />
      </Group>
      {list.items.length > partRows && <p className="soft small">{t.list.find}</p>}
    </>
  )
}

function ExportButton<Name extends ListName>({ name, input, label }: Pick<DataListProps<Name>, 'name' | 'input' | 'label'>) {
  const [isBusy, setIsBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)
  const exportRows = async () => {
    setIsBusy(true)
    setProblem(null)
    try {
      const rows: object[] = []
      for await (const item of admin.all(name, input)) {
        rows.push(item as object)
        if (rows.length === exportedMax) break
      }
      saveFile(`${label.toLowerCase().replaceAll(/\s+/g, '-')}.csv`, toCsv(rows))
    } catch (error) {
      setProblem(error)
    }
    setIsBusy(false)
  }
  return (
    <>
      {problem !== null && <ProblemText problem={problem} />}
      <Button variant="subtle" size="xs" loading={isBusy} onClick={() => void exportRows()}>
        {t.list.export}
      </Button>
    </>
  )
}
