import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from './report.ts'
import type { Figure } from './row.ts'
import { median } from './statistics.ts'
import { benchFolder } from './workspace.ts'

/** Costs that a row may have, as measured when the machine was quiet. */
interface Budget {
  readonly row: string
  readonly figure: string
  /** A figure of the same run, such as the bare server's: the budget is a multiple of it, and holds on other machines. Absent: in the figure's unit. */
  readonly against?: string
  readonly most: number
}

/** A cost may be so much over its budget. */
const room = 1.1

/** A line for each cost of the rows that ran, those over their budget marked. */
export function compareWithBudget(rows: Report['rows']): { readonly lines: readonly string[]; readonly overCount: number } {
  const budgets = JSON.parse(readFileSync(join(benchFolder, 'budget.json'), 'utf8')) as readonly Budget[]
  let overCount = 0
  const lines = budgets.flatMap((budget) => {
    const row = rows.find(({ name }) => name === budget.row)
    if (row === undefined) return []
    const spent = spentOf(budget, row.figures)
    // What could not be measured is over its budget: NaN is in no order.
    const isWithin = spent <= budget.most * room
    if (!isWithin) overCount++
    const unit = budget.against === undefined ? '' : ` × ${budget.against}`
    return [`${isWithin ? 'within' : 'OVER'}  ${budget.row}: ${budget.figure} ${spent.toFixed(2)}${unit}, budget ${budget.most}`]
  })
  return { lines, overCount }
}

function spentOf({ figure, against }: Budget, figures: readonly Figure[]): number {
  const valuesOf = (name: string) => figures.find((one) => one.name === name)?.values ?? []
  const spent = valuesOf(figure)
  if (against === undefined) return median(spent)
  const beside = valuesOf(against)
  return median(spent.map((value, round) => value / (beside[round] ?? Number.NaN)))
}
